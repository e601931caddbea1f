{{/* The setting FEEDS, as JSON in the order of the values: the first feed is the default one. */}}
{{- define "balances.feeds" -}}
{{- $feeds := list -}}
{{- range .Values.feeds -}}
{{- $feeds = append $feeds (printf "  %s: %s" (toJson .name) (omit . "name" | toJson)) -}}
{{- end -}}
{{- printf "{\n%s\n}" (join ",\n" $feeds) -}}
{{- end }}

{{/* Fails where the CronJob would be cut off before its feeds have given up. */}}
{{- define "balances.require-time" -}}
{{- $needed := 0.0 -}}
{{- range .Values.feeds -}}
{{- $needed = addf $needed (.deadline | default 60) 60 -}}
{{- end -}}
{{- if lt (float64 .Values.refresh.deadlineSeconds) $needed -}}
{{- fail (printf "\n\nrefresh.deadlineSeconds is %v, and the feeds may take %v s in all: raise it, or lower their deadlines." .Values.refresh.deadlineSeconds $needed) -}}
{{- end -}}
{{- end }}
