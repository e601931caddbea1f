{{/* A component that serves requests. During a rollout there is one pod more, and never one less. */}}
{{- define "common.deployment" -}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  {{- with include "common.replicas" . }}
  replicas: {{ . }}
  {{- end }}
  revisionHistoryLimit: 5
  progressDeadlineSeconds: {{ add .root.Values.startupSeconds 300 }}
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  selector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
  template:
    {{- include "common.pod" . | nindent 4 }}
{{- end }}

{{/*
The number of pods. With an autoscaler it is the present number: without `replicas`, an upgrade would reset the
Deployment to 1 pod, also under load. It is left out if helm cannot query the cluster.
*/}}
{{- define "common.replicas" -}}
{{- if not (dig "autoscaling" "enabled" false .values) -}}
{{- .values.replicas -}}
{{- else if include "common.cluster-answers" .root -}}
{{- $there := lookup "apps/v1" "Deployment" .root.Release.Namespace (include "common.name" .) -}}
{{- dig "spec" "replicas" .values.autoscaling.minReplicas $there -}}
{{- end -}}
{{- end }}

{{/* All objects of a component that serves requests. */}}
{{- define "common.component" -}}
{{- $component := merge . (dict "serves" true "values" (get .root.Values .component)) -}}
{{ include "common.deployment" $component }}
{{ if eq .component "api" }}{{ include "common.service" $component }}{{ end }}
{{ include "common.metrics-service" $component }}
{{ include "common.autoscaler" $component }}
{{ include "common.disruption-budget" $component }}
{{ include "common.network-policy" $component }}
{{- end }}
