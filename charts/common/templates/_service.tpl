{{/* The Service of an API, for its callers. It has no port for metrics. */}}
{{- define "common.service" -}}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "common.metadata" . | nindent 2 }}
  {{- with .root.Values.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  selector:
    {{- include "common.selector" . | nindent 4 }}
  ports:
    - {name: http, port: 80, targetPort: http}
{{- end }}

{{/* The headless Service by which the ServiceMonitor finds the pods of a component. */}}
{{- define "common.metrics-service" -}}
{{- if .root.Values.monitoring.serviceMonitor.enabled }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "common.name" . }}-metrics
  labels:
    {{- include "common.labels" . | nindent 4 }}
  {{- with .root.Values.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  clusterIP: None
  selector:
    {{- include "common.selector" . | nindent 4 }}
  ports:
    - {name: metrics, port: 9000, targetPort: metrics}
{{- end }}
{{- end }}

{{- define "common.service-account" -}}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "common.fullname" .root }}
  labels:
    {{- include "common.labels" . | nindent 4 }}
  {{- with .root.Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: {{ .root.Values.serviceAccount.automountToken }}
{{- end }}
