{{/*
A service gets its settings as environment variables. Secrets and long settings are files under /etc/benchtop, whose paths
are in variables NAME_FILE.
*/}}

{{/* The secret and key of each setting whose value is in a secret: {NAME: {secret, key}}, as YAML. */}}
{{- define "common.secrets" -}}
{{- $secrets := deepCopy .root.Values.secretSettings -}}
{{- range $name, $from := $secrets -}}
{{- include "common.refuse-reserved" (dict "root" $.root "where" "secretSettings" "name" $name) -}}
{{- include "common.require-secret" (dict "root" $.root "value" (printf "secretSettings.%s" $name) "name" $from.secret "key" $from.key) -}}
{{- end -}}
{{- if .root.Values.database -}}
{{- $name := include "common.database-secret" .root -}}
{{- $_ := set $secrets "DATABASE_URL" (dict "secret" $name "key" .root.Values.database.key) -}}
{{- end -}}
{{- with .root.Values.access.oidc -}}
{{- if .existingSecret -}}
{{- include "common.require-secret" (dict "root" $.root "value" "access.oidc" "name" .existingSecret "key" .key) -}}
{{- $_ := set $secrets "SIGN_IN_CLIENT" (dict "secret" .existingSecret "key" .key) -}}
{{- end -}}
{{- end -}}
{{- toYaml $secrets -}}
{{- end }}

{{- define "common.env" -}}
{{- $values := .root.Values -}}
{{- $env := dict
  "HOST" "::"
  "PORT" "8000"
  "PATH_PREFIX" $values.pathPrefix
  "LOG_LEVEL" $values.log.level
  "LOG_FORMAT" $values.log.format
  "TIME_ZONE" ($values.timeZone | default ($values.global).timeZone | default "UTC")
  "SHUTDOWN_SECONDS" $values.shutdownSeconds
-}}
{{- if .serves }}{{ $_ := set $env "METRICS_PORT" "9000" }}{{ end -}}
{{- $api := eq .component "api" -}}
{{- $access := include "common.access" .root | fromYaml -}}
{{- if $api }}{{ $env = merge $env (include "common.access-settings" . | fromYaml) }}{{ end -}}
{{- if $values.database -}}
{{- $_ := set $env "DATABASE_POOL_SIZE" $values.database.poolSize -}}
{{- $_ := set $env "DATABASE_WAIT_SECONDS" (div $values.startupSeconds 2) -}}
{{- end -}}
{{- range $name := concat (keys (include "common.secrets" . | fromYaml)) (keys (.files | default dict)) -}}
{{- $_ := set $env (printf "%s_FILE" $name) (printf "/etc/benchtop/%s" $name) -}}
{{- end -}}
{{- if include "common.trusted-certificates" .root }}{{ $_ := set $env "SSL_CERT_FILE" "/etc/benchtop/SSL_CERT" }}{{ end -}}
{{- range $name, $_ := $values.settings -}}
{{- include "common.refuse-reserved" (dict "root" $.root "where" "settings" "name" $name) -}}
{{- end -}}
{{- range $name, $value := mustMergeOverwrite $env $values.settings }}
- name: {{ $name }}
  value: {{ ternary $value (toJson $value) (kindIs "string" $value) | quote }}
{{- end }}
{{- if and $api $access.rbac }}
- name: ACCESS_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
{{- end }}
{{- include "common.links-env" (merge (dict "env" $env) .) }}
{{- include "common.require-new" (dict "root" .root "env" $env) }}
{{- with $values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
The settings of an API pod that say where the services are, from the ConfigMap of the umbrella chart, which knows the values of
all charts. A setting that the values contain wins.
*/}}
{{- define "common.links-env" -}}
{{- $keys := dict "STATUS_LINK" "STATUS_LINK" "INVENTORY_LINK" "INVENTORY_LINK" "BALANCES_LINK" "BALANCES_LINK" -}}
{{- if has "services" (.calls | default list) }}{{ $keys = merge $keys (dict "INVENTORY_URL" "INVENTORY_URL" "BALANCES_URL" "BALANCES_URL") }}{{ end -}}
{{- $own := list "PUBLIC_ORIGIN" -}}
{{- if (include "common.access" .root | fromYaml).token }}{{ $own = append $own "ACCESS_SIGNED_OUT_URLS" }}{{ end -}}
{{- range $own }}{{ $_ := set $keys . (printf "%s.%s" $.root.Chart.Name .) }}{{ end -}}
{{- if and (eq .component "api") (not .root.Chart.IsRoot) -}}
{{- range $name, $key := $keys -}}
{{- if not (or (hasKey $.env $name) (hasKey $.env (printf "%s_FILE" $name))) }}
- name: {{ $name }}
  valueFrom: {configMapKeyRef: {name: {{ include "common.links" $.root }}, key: {{ $key }}, optional: true}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Fails if `extraEnv` repeats a variable: Kubernetes would use only the last one of that name. */}}
{{- define "common.require-new" -}}
{{- $chart := include "common.value-prefix" .root -}}
{{- $names := list -}}
{{- range .root.Values.extraEnv -}}
{{- include "common.refuse-reserved" (dict "root" $.root "where" "extraEnv" "name" .name) -}}
{{- if hasKey $.env .name -}}
{{- fail (printf "\n\n%[1]sextraEnv.%[2]s and %[1]ssettings.%[2]s are the same variable. Remove one." $chart .name) -}}
{{- end -}}
{{- if has .name $names -}}
{{- fail (printf "\n\n%sextraEnv has %q twice, and only the last one would be used. Remove one." $chart .name) -}}
{{- end -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- end }}

{{/*
Fails for a setting that the chart sets itself, as a variable or as a file (NAME_FILE). A second one would have no effect,
or would not match the other objects of the chart. Only FEEDS may come from a secret instead.
*/}}
{{- define "common.refuse-reserved" -}}
{{- $values := dict
  "HOST" ""
  "PORT" ""
  "METRICS_PORT" ""
  "ACCESS" "access.mode"
  "ACCESS_OPEN_TO_NETWORK" "access.openToNetwork"
  "ACCESS_ISSUERS" "access.issuers"
  "ACCESS_AUDIENCE" "access.audience"
  "ACCESS_ALGORITHMS" "access.algorithms"
  "ACCESS_MAX_TOKEN_SECONDS" "access.maxTokenSeconds"
  "ACCESS_AUTHORIZER" "access.authorizer"
  "ACCESS_ROLES" "access.roles"
  "ACCESS_NAMESPACE" ""
  "ACCESS_CLUSTER_DIR" ""
  "ACCESS_SESSION_KEYS" "access.sessionKey.existingSecret"
  "ACCESS_SESSION_KEYS_FILE" "access.sessionKey.existingSecret"
  "ACCESS_ADD_PEOPLE" "access.addPeople"
  "SIGN_IN_CLIENT" "access.oidc.existingSecret"
  "PATH_PREFIX" "pathPrefix"
  "LOG_LEVEL" "log.level"
  "LOG_FORMAT" "log.format"
  "TIME_ZONE" "timeZone"
  "SHUTDOWN_SECONDS" "shutdownSeconds"
  "DRAIN_SECONDS" "preStopSeconds"
  "DATABASE_WAIT_SECONDS" "startupSeconds"
  "DATABASE_URL" "database.existingSecret"
  "DATABASE_POOL_SIZE" "database.poolSize"
  "FEEDS" "feeds"
-}}
{{- if include "common.trusted-certificates" .root }}{{ $_ := set $values "SSL_CERT" "trustedCertificates.existingConfigMap" }}{{ end -}}
{{- $setting := trimSuffix "_FILE" .name -}}
{{- $here := printf "%s.%s" .where .name -}}
{{- if and (hasKey $values $setting) (ne $here "secretSettings.FEEDS") -}}
{{- $chart := include "common.value-prefix" .root -}}
{{- with get $values $setting -}}
{{- fail (printf "\n\n%[1]s%[2]s cannot be set: the chart sets it from the value %[1]s%[3]s. Use that value." $chart $here .) -}}
{{- end -}}
{{- fail (printf "\n\n%s%s cannot be set: other objects of the chart depend on it. Remove it." $chart $here) -}}
{{- end -}}
{{- end }}

{{/* The ConfigMap and the key of the certificates that the pods trust, as YAML; empty if these are the public ones. */}}
{{- define "common.trusted-certificates" -}}
{{- $global := (.Values.global).trustedCertificates | default dict -}}
{{- with ternary .Values.trustedCertificates $global (ne .Values.trustedCertificates.existingConfigMap "") -}}
{{- if .existingConfigMap }}{{ toYaml (dict "name" .existingConfigMap "key" .key) }}{{ end -}}
{{- end -}}
{{- end }}

{{/* Sources of the volume with these files; empty if there are none. */}}
{{- define "common.settings-sources" -}}
{{- range $name, $from := include "common.secrets" . | fromYaml }}
- secret:
    name: {{ $from.secret }}
    items: [{key: {{ $from.key | quote }}, path: {{ $name }}}]
{{- end }}
{{- if .files }}
- configMap: {name: {{ include "common.fullname" .root }}}
{{- end }}
{{- with include "common.trusted-certificates" .root | fromYaml }}
- configMap:
    name: {{ .name }}
    items: [{key: {{ .key | quote }}, path: SSL_CERT}]
{{- end }}
{{- if and (eq .component "api") (include "common.access" .root | fromYaml).token }}
{{ include "common.session-source" .root }}
{{- end }}
{{- end }}

{{/* The ConfigMap with the long settings. */}}
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
