{{/*
Settings reach a service as environment variables; secrets and longer ones as files under /etc/benchtop, which
NAME_FILE names.
*/}}

{{/* Secrets by the setting they hold: {NAME: {secret, key}}, as YAML. */}}
{{- define "common.secrets" -}}
{{- $secrets := deepCopy .root.Values.secretSettings -}}
{{- if .root.Values.database -}}
{{- $name := include "common.database-secret" .root -}}
{{- $_ := set $secrets "DATABASE_URL" (dict "secret" $name "key" .root.Values.database.key) -}}
{{- end -}}
{{- toYaml $secrets -}}
{{- end }}

{{- define "common.env" -}}
{{- $values := .root.Values -}}
{{- $env := dict
  "HOST" "0.0.0.0"
  "PORT" "8000"
  "PATH_PREFIX" $values.pathPrefix
  "LOG_LEVEL" $values.log.level
  "LOG_FORMAT" $values.log.format
  "SHUTDOWN_SECONDS" $values.shutdownSeconds
-}}
{{- if $values.database }}{{ $_ := set $env "DATABASE_POOL_SIZE" $values.database.poolSize }}{{ end -}}
{{- range $name := concat (keys (include "common.secrets" . | fromYaml)) (keys (.files | default dict)) -}}
{{- $_ := set $env (printf "%s_FILE" $name) (printf "/etc/benchtop/%s" $name) -}}
{{- end -}}
{{- range $name := list "HOST" "PORT" "DATABASE_URL" -}}
{{- if hasKey $values.settings $name -}}
{{- fail (printf "\n\nsettings.%s is not for you to set: the chart's other objects depend on it. Remove it." $name) -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := mustMergeOverwrite $env $values.settings }}
- name: {{ $name }}
  value: {{ ternary $value (toJson $value) (kindIs "string" $value) | quote }}
{{- end }}
{{- end }}

{{/* The volume with those files; nothing where there are none. */}}
{{- define "common.settings-sources" -}}
{{- range $name, $from := include "common.secrets" . | fromYaml }}
- secret:
    name: {{ $from.secret }}
    items: [{key: {{ $from.key | quote }}, path: {{ $name }}}]
{{- end }}
{{- if .files }}
- configMap: {name: {{ include "common.fullname" .root }}}
{{- end }}
{{- end }}

{{/* The ConfigMap that holds the longer settings. */}}
{{- define "common.config" -}}
{{- if .files }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "common.fullname" .root }}
  labels:
    {{- include "common.labels" . | nindent 4 }}
data:
  {{- toYaml .files | nindent 2 }}
{{- end }}
{{- end }}
