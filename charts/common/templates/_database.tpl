{{/* Name of the secret that holds the connection URL; an answer to whoever forgot it. */}}
{{- define "common.database-secret" -}}
{{- $database := .Values.database -}}
{{- if $database.existingSecret -}}
{{- include "common.require-secret" (dict "root" . "value" "database" "name" $database.existingSecret "key" $database.key) -}}
{{- $database.existingSecret -}}
{{- else if $database.trial -}}
{{ include "common.trial-database" . }}-{{ .Chart.Name }}
{{- else -}}
{{- fail (printf `

%[1]s needs a PostgreSQL, and was not told which: %[4]sdatabase.existingSecret is empty. Create a secret that holds its
connection URL, and name it:

  kubectl -n %[3]s create secret generic %[1]s-database --from-literal=%[2]s=postgresql://USER:PASSWORD@HOST:5432/DATABASE
  ... --set %[4]sdatabase.existingSecret=%[1]s-database
` .Chart.Name $database.key .Release.Namespace (include "common.value-prefix" .)) -}}
{{- end -}}
{{- end }}

{{/* Name of the umbrella chart's trial PostgreSQL; a StatefulSet's has 52 characters, for a label adds 11 to it. */}}
{{- define "common.trial-database" -}}
{{ include "common.release" (dict "root" . "most" 41) }}-postgresql
{{- end }}

{{/* Fails where the cluster can be asked, and has no such secret, or not that key in it. */}}
{{- define "common.require-secret" -}}
{{- $namespace := .root.Release.Namespace -}}
{{- if include "common.cluster-answers" .root -}}
{{- $secret := lookup "v1" "Secret" $namespace .name -}}
{{- if not $secret -}}
{{- fail (printf "\n\n%s needs the secret %q, and the namespace %q has none of that name. Create it first:\n\n  kubectl -n %s create secret generic %s --from-literal=%s=%s" .root.Chart.Name .name $namespace $namespace .name .key (ternary "postgresql://USER:PASSWORD@HOST:5432/DATABASE" "VALUE" (eq .value "database"))) -}}
{{- end -}}
{{- if not (hasKey ($secret.data | default dict) .key) -}}
{{- fail (printf "\n\n%s needs the key %q of the secret %q in the namespace %q, which has: %s. Name another (%s%s.key), or add it:\n\n  kubectl -n %s patch secret %s --patch '{\"stringData\": {%q: \"VALUE\"}}'" .root.Chart.Name .key .name $namespace (keys ($secret.data | default dict) | sortAlpha | join ", " | default "none") (include "common.value-prefix" .root) .value $namespace .name .key) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Something where `lookup` finds what there is; nothing where helm only renders. */}}
{{- define "common.cluster-answers" -}}
{{- if lookup "v1" "ServiceAccount" .Release.Namespace "default" }}yes{{ end -}}
{{- end }}
