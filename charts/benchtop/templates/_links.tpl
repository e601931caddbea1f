{{/*
<SERVICE>_LINK, where links to the pages of each installed service lead, and <SERVICE>_URL, where status requests its API.
A host with a wildcard is no address, so the link is a path then.
*/}}
{{- define "benchtop.links" -}}
{{- $scheme := ternary "https" "http" (and .Values.ingress.enabled (not (empty .Values.ingress.tlsSecret))) -}}
{{- $links := dict -}}
{{- range $name := list "status" "inventory" "balances" -}}
{{- with get $.Subcharts $name -}}
{{- $host := get ($.Values.ingress.hosts | default dict) $name -}}
{{- $origin := ternary (printf "%s://%s" $scheme $host) "" (and (ne $host "") (not (hasPrefix "*" $host))) -}}
{{- $_ := set $links (printf "%s_LINK" (upper $name)) (print $origin .Values.pathPrefix) -}}
{{- if ne $name "status" -}}
{{- $_ := set $links (printf "%s_URL" (upper $name)) (printf "http://%s" (include "common.fullname" .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $links -}}
{{- end }}
