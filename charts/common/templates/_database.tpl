{{/* Name of the secret with the connection URL. Fails with instructions if no secret is set. */}}
{{- define "common.database-secret" -}}
{{- $database := .Values.database -}}
{{- if $database.existingSecret -}}
{{- include "common.require-secret" (dict "root" . "value" "database" "name" $database.existingSecret "key" $database.key) -}}
{{- $database.existingSecret -}}
{{- else if $database.trial -}}
{{ include "common.trial-database" . }}-{{ .Chart.Name }}
{{- else -}}
{{- fail (printf `

%[1]s needs a PostgreSQL database, but %[4]sdatabase.existingSecret is empty. Create a secret with the connection URL, and
set its name:

  kubectl -n %[3]s create secret generic %[1]s-database --from-literal=%[2]s=postgresql://USER:PASSWORD@HOST:5432/DATABASE
  ... --set %[4]sdatabase.existingSecret=%[1]s-database
` .Chart.Name $database.key .Release.Namespace (include "common.value-prefix" .)) -}}
{{- end -}}
{{- end }}

{{/* Name of the umbrella chart's trial PostgreSQL: at most 52 characters, because a label of its pods adds 11 to it. */}}
{{- define "common.trial-database" -}}
{{ include "common.release" (dict "root" . "most" 41) }}-postgresql
{{- end }}

{{/* Fails if helm can query the cluster, and the secret or its key does not exist. */}}
{{- define "common.require-secret" -}}
{{- $namespace := .root.Release.Namespace -}}
{{- if include "common.cluster-answers" .root -}}
{{- $secret := lookup "v1" "Secret" $namespace .name -}}
{{- if not $secret -}}
{{- fail (printf "\n\n%s needs the secret %q, but the namespace %q has no secret of that name. Create it first:\n\n  kubectl -n %s create secret generic %s --from-literal=%s=%s" .root.Chart.Name .name $namespace $namespace .name .key (ternary "postgresql://USER:PASSWORD@HOST:5432/DATABASE" "VALUE" (eq .value "database"))) -}}
{{- end -}}
{{- if not (hasKey ($secret.data | default dict) .key) -}}
{{- fail (printf "\n\n%s needs the key %q of the secret %q in the namespace %q, but the secret has only the keys: %s. Set %s%s.key to one of them, or add the key:\n\n  kubectl -n %s patch secret %s --patch '{\"stringData\": {%q: \"VALUE\"}}'" .root.Chart.Name .key .name $namespace (keys ($secret.data | default dict) | sortAlpha | join ", " | default "none") (include "common.value-prefix" .root) .value $namespace .name .key) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Not empty if `lookup` can query the cluster; empty if helm only renders. */}}
{{- define "common.cluster-answers" -}}
{{- if lookup "v1" "ServiceAccount" .Release.Namespace "default" }}yes{{ end -}}
{{- end }}
