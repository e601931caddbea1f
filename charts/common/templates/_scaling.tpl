{{- define "common.autoscaler" -}}
{{- with .values.autoscaling }}
{{- if .enabled }}
{{- if gt (int .minReplicas) (int .maxReplicas) }}
{{- fail (printf "\n\n%[1]s.autoscaling.minReplicas is %[2]v, but %[1]s.autoscaling.maxReplicas is only %[3]v. Raise maxReplicas, or lower minReplicas." $.component .minReplicas .maxReplicas) }}
{{- end }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "common.metadata" $ | nindent 2 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ include "common.name" $ }}}
  minReplicas: {{ .minReplicas }}
  maxReplicas: {{ .maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ .cpuPercent }}}
  behavior:
    scaleDown: {stabilizationWindowSeconds: {{ .scaleDownSeconds }}}
{{- end }}
{{- end }}
{{- end }}

{{/* A drain of a node evicts one pod at a time. There is no budget for a single pod, because the drain would never end. */}}
{{- define "common.disruption-budget" -}}
{{- $scaling := .values.autoscaling | default dict -}}
{{- if gt (ternary $scaling.minReplicas .values.replicas ($scaling.enabled | default false) | int) 1 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
{{- end }}
{{- end }}
