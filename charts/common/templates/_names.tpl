{{/* Name of the chart's objects: the release's, and the chart's where the release does not say it already. */}}
{{- define "common.fullname" -}}
{{- $both := printf "%s-%s" .Release.Name .Chart.Name -}}
{{- $name := ternary .Release.Name $both (contains .Chart.Name .Release.Name) -}}
{{- .Values.fullnameOverride | default $name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{/* Name of a component's objects: the API's have the chart's name alone, for it is who others ask. */}}
{{- define "common.name" -}}
{{- include "common.fullname" .root }}{{ if ne .component "api" }}-{{ .component }}{{ end -}}
{{- end }}
