{{/*
The hosts and what is behind each, as YAML: [{host, routes: [{service, exact, below}]}]. With a host for each service,
a service without one is not routed.
*/}}
{{- define "benchtop.routing" -}}
{{- $shared := list -}}
{{- $own := list -}}
{{- range $name, $paths := .Files.Get "paths.yaml" | fromYaml -}}
{{- $chart := get $.Subcharts $name -}}
{{- if $chart -}}
{{- $service := dict "service" (include "common.fullname" $chart) -}}
{{- $shared = append $shared (merge $service $paths.shared) -}}
{{- with get $.Values.ingress.hosts $name -}}
{{- $route := merge (dict "service" (include "common.fullname" $chart)) $paths.own -}}
{{- $own = append $own (dict "host" . "routes" (list $route)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if .Values.ingress.hosts -}}
{{- toYaml $own -}}
{{- else -}}
{{- toYaml (list (dict "host" .Values.ingress.host "routes" $shared)) -}}
{{- end -}}
{{- end }}

