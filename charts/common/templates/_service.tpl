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

{{/* The URL at which each pod of status is asked who has signed out. */}}
{{- define "common.peers-url" -}}
http://{{ include "common.fullname" . }}-peers:8000
{{- end }}

{{/* The headless Service of that URL. */}}
{{- define "common.peers-service" -}}
{{- if (include "common.access" .root | fromYaml).token }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "common.fullname" .root }}-peers
  labels:
    {{- include "common.labels" (merge (dict "component" "api") .) | nindent 4 }}
  {{- with .root.Values.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  clusterIP: None
  selector:
    {{- include "common.selector" (merge (dict "component" "api") .) | nindent 4 }}
  ports:
    - {name: http, port: 8000, targetPort: http}
{{- end }}
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

{{/* Name of the ServiceAccount of a pod; those of `helm test` and of hooks have one of their own. */}}
{{- define "common.account" -}}
{{- include "common.fullname" .root }}{{ with .account }}-{{ . }}{{ end -}}
{{- end }}

{{- define "common.service-account" -}}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "common.account" . }}
  labels:
    {{- include "common.labels" . | nindent 4 }}
  {{- with .root.Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: {{ .root.Values.serviceAccount.automountToken }}
{{- end }}
