{{/*
Name of the chart's objects: the release's and the chart's, or the release's alone where it says the chart's already and
no other chart stands beside. Of 44 characters at most, for a CronJob's name has 52 and what a component adds.
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

{{/* The release's name, made no longer than `most`: a digest of all of it tells it from others that begin alike. */}}
{{- define "common.release" -}}
{{- $name := .root.Release.Name -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- fail (printf "\n\nThe release is called %q, and names of services are made from that: it must begin with a letter, and have only small letters, digits and hyphens. Choose another name." $name) -}}
{{- end -}}
{{- if gt (len $name) (int .most) -}}
{{- $name | trunc (sub .most 6 | int) | trimSuffix "-" }}-{{ sha256sum $name | trunc 5 -}}
{{- else -}}
{{- $name -}}
{{- end -}}
{{- end }}

{{/* What stands before a value's name where the chart is brought by another. */}}
{{- define "common.value-prefix" -}}
{{- if not .Chart.IsRoot }}{{ .Chart.Name }}.{{ end -}}
{{- end }}

{{/* Name of a component's objects: the API's have the chart's name alone, for it is who others ask. */}}
{{- define "common.name" -}}
{{- include "common.fullname" .root }}{{ if ne .component "api" }}-{{ .component }}{{ end -}}
{{- end }}
