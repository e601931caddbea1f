{{/* What to try first, and what is missing. */}}
{{- define "common.notes" -}}
{{- $name := include "common.fullname" . -}}
{{ .Chart.Name }} {{ .Chart.AppVersion }} is being started as {{ $name }} in the namespace {{ .Release.Namespace }}.

  kubectl -n {{ .Release.Namespace }} rollout status deployment/{{ $name }}
  helm test -n {{ .Release.Namespace }} {{ .Release.Name }}
  kubectl -n {{ .Release.Namespace }} port-forward service/{{ $name }} 8000:80     then http://127.0.0.1:8000/docs

If it does not become ready, its state and last words are in: kubectl -n {{ .Release.Namespace }} describe pod -l app.kubernetes.io/instance={{ .Release.Name }}
{{ include "common.missing" (dict "root" .) }}
{{- end }}

{{/* What the values leave out that somebody may expect. */}}
{{- define "common.missing" -}}
{{- $values := .root.Values -}}
{{- $missing := list -}}
{{- if and (hasKey $values "feeds") (not $values.feeds) (not (hasKey $values.secretSettings "FEEDS")) -}}
{{- $missing = append $missing "feed: it answers 503 until one is named (feeds)" -}}
{{- end -}}
{{- if not (or $values.monitoring.annotations $values.monitoring.serviceMonitor.enabled) -}}
{{- $missing = append $missing "scraping: nothing tells Prometheus to scrape (monitoring.annotations, monitoring.serviceMonitor.enabled)" -}}
{{- end -}}
{{- if not $values.monitoring.rules.enabled -}}
{{- $missing = append $missing "alerts (monitoring.rules.enabled)" -}}
{{- end -}}
{{- if not $values.networkPolicy.enabled -}}
{{- $missing = append $missing "network policies: any pod may ask, and everything may be asked (networkPolicy.enabled)" -}}
{{- end -}}
{{- if and (not $values.api.autoscaling.enabled) (lt (int $values.api.replicas) 2) -}}
{{- $missing = append $missing "second pod: a node's end interrupts the service (api.replicas)" -}}
{{- end -}}
{{- range $missing }}
Missing: {{ $.root.Chart.Name }} has no {{ . }}
{{- end }}
{{- end }}
