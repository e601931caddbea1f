{{/*
The hosts and the routes of each, as YAML: [{host, routes: [{service, exact, below}]}]. With `ingress.hosts`, a service
without a host is not routed. A service that is not installed is never routed. The list may be empty.
*/}}
{{- define "benchtop.routing" -}}
{{- $shared := list -}}
{{- $own := list -}}
{{- range $name, $paths := .Files.Get "paths.yaml" | fromYaml -}}
{{- $chart := get $.Subcharts $name -}}
{{- if $chart -}}
{{- $service := include "common.fullname" $chart -}}
{{- $prefix := without (list $chart.Values.pathPrefix) "" -}}
{{- $shared = append $shared (dict "service" $service "exact" $paths.shared.exact "below" (concat $prefix $paths.shared.below)) -}}
{{- with get $.Values.ingress.hosts $name -}}
{{- $route := dict "service" $service "exact" $paths.own.exact "below" (concat $prefix $paths.own.below) -}}
{{- $own = append $own (dict "host" . "routes" (list $route)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if .Values.ingress.hosts -}}
{{- if ne (len (values .Values.ingress.hosts | uniq)) (len .Values.ingress.hosts) -}}
{{- fail "\n\ningress.hosts has the same host for two services, whose paths would conflict. Give each service its own host, or set ingress.host." -}}
{{- end -}}
{{- toYaml $own -}}
{{- else if $shared -}}
{{- include "benchtop.require-prefixes" . -}}
{{- toYaml (list (dict "host" .Values.ingress.host "routes" $shared)) -}}
{{- end -}}
{{- end }}

{{/* Fails if two services on the shared host have the same path prefix, or if one has none. */}}
{{- define "benchtop.require-prefixes" -}}
{{- $owners := dict -}}
{{- range $name := list "balances" "inventory" "status" -}}
{{- with get $.Subcharts $name -}}
{{- $prefix := .Values.pathPrefix -}}
{{- if not $prefix -}}
{{- fail (printf "\n\n%[1]s.pathPrefix is empty, but the services share one host, so no request would be routed to %[1]s. Set a path, or give each service a different host (ingress.hosts)." $name) -}}
{{- end -}}
{{- with get $owners $prefix -}}
{{- fail (printf "\n\n%s.pathPrefix and %s.pathPrefix are both %q, so requests would reach only one of the two services. Give each service a different path." . $name $prefix) -}}
{{- end -}}
{{- $_ := set $owners $prefix $name -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* The URL of the page where people sign in; empty if status is not routed. */}}
{{- define "benchtop.sign-in-address" -}}
{{- $status := .Subcharts.status -}}
{{- $host := ternary ((.Values.ingress.hosts).status) .Values.ingress.host (not (empty .Values.ingress.hosts)) -}}
{{- if and $status (or .Values.ingress.enabled .Values.httpRoute.enabled) (or $host (empty .Values.ingress.hosts)) -}}
{{ include "benchtop.origin" (dict "root" . "host" $host) }}{{ $status.Values.pathPrefix }}/sign-in
{{- end -}}
{{- end }}

{{/* Scheme and host of a URL for people to read. */}}
{{- define "benchtop.origin" -}}
{{- ternary "https" "http" (and .root.Values.ingress.enabled (not (empty .root.Values.ingress.tlsSecret))) }}://
{{- if hasPrefix "*" (.host | default "") }}<a host of {{ .host }}>{{ else }}{{ .host | default "<address of the ingress>" }}{{ end }}
{{- end }}

{{/* The first URL to try; empty if no service is routed. */}}
{{- define "benchtop.first-address" -}}
{{- if or .Values.ingress.enabled .Values.httpRoute.enabled -}}
{{- with include "benchtop.routing" . | fromYamlArray | first -}}
{{- include "benchtop.origin" (dict "root" $ "host" .host) }}
{{- with last .routes }}{{ if not (has "/health" .exact) }}{{ first .below }}{{ end }}{{ end }}/health
{{- end -}}
{{- end -}}
{{- end }}

