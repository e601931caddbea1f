{{/*
Name of the chart's objects: the names of the release and the chart, or only that of the release if it contains the name
of the chart and the chart is installed alone. At most 44 characters: a component adds to it, and the name of a CronJob is
limited to 52.
*/}}
{{- define "common.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if and .Chart.IsRoot (contains .Chart.Name .Release.Name) -}}
{{- include "common.release" (dict "root" . "most" 44) -}}
{{- else -}}
{{- include "common.release" (dict "root" . "most" (sub 43 (len .Chart.Name))) }}-{{ .Chart.Name -}}
{{- end -}}
{{- end }}

{{/* The name of the release, shortened to `most` characters; a digest keeps names with the same beginning apart. */}}
{{- define "common.release" -}}
{{- $name := .root.Release.Name -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- fail (printf "\n\nThe release name %q cannot be part of the name of a Service. It must begin with a letter and contain only lower-case letters, digits and hyphens. Choose another name." $name) -}}
{{- end -}}
{{- if gt (len $name) (int .most) -}}
{{- $name | trunc (sub .most 6 | int) | trimSuffix "-" }}-{{ sha256sum $name | trunc 5 -}}
{{- else -}}
{{- $name -}}
{{- end -}}
{{- end }}

{{/* Name of the ConfigMap in which the umbrella chart says where the services are. */}}
{{- define "common.links" -}}
{{- include "common.release" (dict "root" . "most" 44) }}-links
{{- end }}

{{/* Prefix of the names of values, if the chart is a dependency of another chart. */}}
{{- define "common.value-prefix" -}}
{{- if not .Chart.IsRoot }}{{ .Chart.Name }}.{{ end -}}
{{- end }}

{{/* Name of a component's objects. Those of the API have no suffix, because clients use the name of its Service. */}}
{{- define "common.name" -}}
{{- include "common.fullname" .root }}{{ if ne .component "api" }}-{{ .component }}{{ end -}}
{{- end }}
