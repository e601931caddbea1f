{{/*
The setting FEEDS, as JSON in the order of the values, because the first feed is the default. Two feeds with the same name
are refused: a JSON parser would use only the last one.
*/}}
{{- define "balances.feeds" -}}
{{- if hasKey .Values.secretSettings "FEEDS" -}}
{{- $chart := include "common.value-prefix" . -}}
{{- fail (printf "\n\n%[1]sfeeds and %[1]ssecretSettings.FEEDS are both set, but only one of them can be used. Remove one. If the URL of a feed contains a secret, put all feeds into secretSettings.FEEDS." $chart) -}}
{{- end -}}
{{- $feeds := list -}}
{{- $names := list -}}
{{- range .Values.feeds -}}
{{- if has .name $names -}}
{{- fail (printf "\n\nfeeds contains the name %q twice. Give each feed a different name." .name) -}}
{{- end -}}
{{- $names = append $names .name -}}
{{- $feeds = append $feeds (printf "  %s: %s" (toJson .name) (omit . "name" | toJson)) -}}
{{- end -}}
{{- printf "{\n%s\n}" (join ",\n" $feeds) -}}
{{- end }}

{{/* Fails if Kubernetes would end the CronJob before the deadlines of its feeds. */}}
{{- define "balances.require-time" -}}
{{- $needed := 0.0 -}}
{{- range .Values.feeds -}}
{{- $needed = addf $needed (.deadline | default 60) 60 -}}
{{- end -}}
{{- if lt (float64 .Values.refresh.deadlineSeconds) $needed -}}
{{- fail (printf "\n\nrefresh.deadlineSeconds is %v, but the feeds may take %v s in all. Raise it, or lower the deadlines of the feeds." .Values.refresh.deadlineSeconds $needed) -}}
{{- end -}}
{{- end }}
