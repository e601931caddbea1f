{{/* The objects that a chart has once, independent of its components. */}}
{{- define "common.shared" -}}
{{- $shared := merge (dict "component" "api") . -}}
{{ include "common.service-account" $shared }}
{{ include "common.config" $shared }}
{{ include "common.monitoring" $shared }}
{{ include "common.test" $shared }}
{{- end }}
