{{/* What a component's pods are selected by; it must never change. */}}
{{- define "common.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Labels of a component's pods: no chart version, which would roll them for nothing. */}}
{{- define "common.pod-labels" -}}
{{ include "common.selector" . }}
app.kubernetes.io/part-of: benchtop
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
{{- end }}

{{/* Labels of every object. */}}
{{- define "common.labels" -}}
{{ include "common.pod-labels" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Name and labels. */}}
{{- define "common.metadata" -}}
name: {{ include "common.name" . }}
labels:
  {{- include "common.labels" . | nindent 2 }}
{{- end }}
