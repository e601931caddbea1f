{{/* The scope from which the labels of the trial PostgreSQL are made. */}}
{{- define "benchtop.trial" -}}
root:
  Chart: {Name: postgresql, Version: {{ .Chart.Version }}, AppVersion: {{ .Values.postgresql.image.tag | quote }}}
  Release: {Name: {{ .Release.Name }}, Service: {{ .Release.Service }}}
component: database
{{- end }}

{{- define "benchtop.trial-labels" -}}
{{ include "common.labels" (include "benchtop.trial" . | fromYaml) }}
{{- end }}

{{- define "benchtop.trial-pod-labels" -}}
{{ include "common.pod-labels" (include "benchtop.trial" . | fromYaml) }}
{{- end }}

{{- define "benchtop.trial-selector" -}}
{{ include "common.selector" (include "benchtop.trial" . | fromYaml) }}
{{- end }}

{{/* Fails if a service would have no database. */}}
{{- define "benchtop.require-databases" -}}
{{- $chart := include "common.value-prefix" . }}
{{- range $service := list "inventory" "balances" }}
{{- $values := get $.Values $service }}
{{- if and $values.enabled $values.database.trial (not $values.database.existingSecret) (not $.Values.postgresql.enabled) }}
{{- fail (printf `

%[1]s needs a PostgreSQL database. For a trial, let this chart install one:

  ... --set %[3]spostgresql.enabled=true

Otherwise create a secret with the connection URL of your own database, and set its name:

  kubectl -n %[2]s create secret generic %[1]s-database --from-literal=uri=postgresql://USER:PASSWORD@HOST:5432/DATABASE
  ... --set %[3]s%[1]s.database.existingSecret=%[1]s-database
` $service $.Release.Namespace $chart) }}
{{- end }}
{{- end }}
{{- end }}
