{{/* The objects that a chart has once, independent of its components. */}}
{{- define "common.shared" -}}
{{- $shared := merge (dict "component" "api") . -}}
{{- include "common.require-access" .root -}}
{{ include "common.service-account" $shared }}
{{ include "common.rbac" $shared }}
{{ if and .root.Chart.IsRoot (include "common.access" .root | fromYaml).adminAccount }}{{ include "common.admin-service-account" $shared }}{{ end }}
{{ include "common.config" $shared }}
{{ include "common.monitoring" $shared }}
{{ include "common.test" $shared }}
{{- end }}
