{{/* Name of the secret that holds the connection URL; an answer to whoever forgot it. */}}
{{- define "common.database-secret" -}}
{{- $database := .Values.database -}}
{{- if $database.existingSecret -}}
{{- include "common.require-secret" (dict "root" . "name" $database.existingSecret) -}}
{{- $database.existingSecret -}}
{{- else if $database.trial -}}
{{ include "common.trial-database" . }}-{{ .Chart.Name }}
{{- else -}}
{{- fail (printf `

%[1]s needs a PostgreSQL, and was not told which: database.existingSecret is empty. Create a secret that holds its
connection URL, and name it:

  kubectl create secret generic %[1]s-database --from-literal=%[2]s=postgresql://USER:PASSWORD@HOST:5432/DATABASE
  ... --set database.existingSecret=%[1]s-database
` .Chart.Name $database.key) -}}
{{- end -}}
{{- end }}

{{/* Name of the umbrella chart's trial PostgreSQL: its service, and the beginning of its secrets. */}}
{{- define "common.trial-database" -}}
{{ .Release.Name | trunc 50 }}-postgresql
{{- end }}

{{/* Fails where the cluster can be asked, and has no such secret. */}}
{{- define "common.require-secret" -}}
{{- $namespace := .root.Release.Namespace -}}
{{- if and (lookup "v1" "ServiceAccount" $namespace "default") (not (lookup "v1" "Secret" $namespace .name)) -}}
{{- fail (printf "\n\n%s needs the secret %q, and the namespace %q has none of that name. Create it first." .root.Chart.Name .name $namespace) -}}
{{- end -}}
{{- end }}
