{{/*
The setting FEEDS, as JSON in the order of the values: the first feed is the default one. Of two with one name a reader
of JSON would see the last.
*/}}
{{- define "balances.feeds" -}}
{{- if hasKey .Values.secretSettings "FEEDS" -}}
{{- $chart := include "common.value-prefix" . -}}
{{- fail (printf "\n\n%[1]sfeeds and %[1]ssecretSettings.FEEDS both name the feeds, and only one can be read. Remove one: where an address holds a secret, the secret holds all feeds." $chart) -}}
{{- end -}}
{{- $feeds := list -}}
{{- $names := list -}}
{{- range .Values.feeds -}}
{{- if has .name $names -}}
{{- fail (printf "\n\nfeeds has %q twice, and only one of them would be read: give each a name of its own." .name) -}}
{{- end -}}
{{- $names = append $names .name -}}
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
