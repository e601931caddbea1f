{{/*
<SERVICE>_LINK, where links to the pages of each installed service lead, and <SERVICE>_URL, where status requests its API.
A host with a wildcard is no address, so the link is a path then. <service>.<SETTING> is a setting of that service only:
PUBLIC_ORIGIN, known if there is a certificate for its host, and ACCESS_SIGNED_OUT_URLS.
*/}}
{{- define "benchtop.links" -}}
{{- $scheme := ternary "https" "http" (and .Values.ingress.enabled (not (empty .Values.ingress.tlsSecret))) -}}
{{- $links := dict -}}
{{- $signedOut := list -}}
{{- with .Subcharts.status }}{{ $signedOut = list (include "common.peers-url" .) }}{{ end -}}
{{- range $name := list "status" "inventory" "balances" -}}
{{- with get $.Subcharts $name -}}
{{- $host := get ($.Values.ingress.hosts | default dict) $name -}}
{{- $origin := ternary (printf "%s://%s" $scheme $host) "" (and (ne $host "") (not (hasPrefix "*" $host))) -}}
{{- $public := ternary $host $.Values.ingress.host (not (empty $.Values.ingress.hosts)) -}}
{{- if and (eq $scheme "https") $public (not (hasPrefix "*" $public)) -}}
{{- $_ := set $links (printf "%s.PUBLIC_ORIGIN" $name) (printf "https://%s" $public) -}}
{{- end -}}
{{- with $signedOut -}}
{{- $_ := set $links (printf "%s.ACCESS_SIGNED_OUT_URLS" $name) (ternary (concat . (include "benchtop.other-urls" $ | fromJsonArray)) . (eq $name "status") | toJson) -}}
{{- end -}}
{{- $_ := set $links (printf "%s_LINK" (upper $name)) (print $origin .Values.pathPrefix) -}}
{{- if ne $name "status" -}}
{{- $_ := set $links (printf "%s_URL" (upper $name)) (printf "http://%s" (include "common.fullname" .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $links -}}
{{- end }}

{{/* URLs of the APIs of inventory and balances, as far as they are installed. */}}
{{- define "benchtop.other-urls" -}}
{{- $urls := list -}}
{{- range $name := list "inventory" "balances" -}}
{{- with get $.Subcharts $name }}{{ $urls = append $urls (printf "http://%s" (include "common.fullname" .)) }}{{ end -}}
{{- end -}}
{{- toJson $urls -}}
{{- end }}
