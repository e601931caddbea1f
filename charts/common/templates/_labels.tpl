{{/* Selector labels of a component's pods. They must never change. */}}
{{- define "common.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Labels of a component's pods, without the chart's version: a new version would replace the pods without need. */}}
{{- define "common.pod-labels" -}}
{{ include "common.selector" . }}
app.kubernetes.io/part-of: benchtop
app.kubernetes.io/version: {{ ((.root.Values).image).tag | default .root.Chart.AppVersion | trunc 63 | trimSuffix "-" | quote }}
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

{{/* Additional labels from the values. A label that the chart sets itself is refused, because pods are selected by it. */}}
{{- define "common.further-labels" -}}
{{- range $name, $_ := .labels -}}
{{- if regexMatch "^(app.kubernetes.io|helm.sh)/" $name -}}
{{- fail (printf "\n\n%s%s has %q, which the chart sets itself. Remove it." (include "common.value-prefix" $.root) $.value $name) -}}
{{- end -}}
{{- end -}}
{{- with .labels }}{{ toYaml . }}{{ end -}}
{{- end }}
