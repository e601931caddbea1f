{{/* The first commands to try, and features that the values leave out. */}}
{{- define "common.notes" -}}
{{- $name := include "common.fullname" . -}}
{{ .Chart.Name }} {{ .Chart.AppVersion }} is starting as {{ $name }} in the namespace {{ .Release.Namespace }}.

  kubectl -n {{ .Release.Namespace }} rollout status deployment/{{ $name }}
  helm test -n {{ .Release.Namespace }} {{ .Release.Name }}
  kubectl -n {{ .Release.Namespace }} port-forward service/{{ $name }} 8000:80     then http://127.0.0.1:8000/docs

If it does not become ready, this shows its state and the end of its log: kubectl -n {{ .Release.Namespace }} describe pod -l app.kubernetes.io/instance={{ .Release.Name }}
{{- if (include "common.access" . | fromYaml).adminAccount }}

Callers need a token. This one has the role admin, for 8 hours:

  {{ include "common.create-token" . }}
{{- end }}
{{ include "common.missing" (dict "root" .) }}
{{- end }}

{{/* The command that makes a token with which the first person signs in. */}}
{{- define "common.create-token" -}}
kubectl -n {{ .Release.Namespace }} create token {{ include "common.admin-account" . }} --audience {{ (include "common.access" . | fromYaml).clusterAudience }} --duration 8h
{{- end }}

{{/* Features that the values leave out. */}}
{{- define "common.missing" -}}
{{- $values := .root.Values -}}
{{- $access := include "common.access" .root | fromYaml -}}
{{- $missing := list -}}
{{- if not $access.token -}}
{{- $missing = append $missing "protection: everybody who reaches it may do everything (access.mode)" -}}
{{- else if not (or $access.rbac $access.roles $access.adminAccount) -}}
{{- $missing = append $missing "person or program with a role, so nobody may do anything (access.roles)" -}}
{{- end -}}
{{- if and (hasKey $values "feeds") (not $values.feeds) (not (hasKey $values.secretSettings "FEEDS")) -}}
{{- $missing = append $missing "feed: it responds with 503 until a feed is set (feeds)" -}}
{{- end -}}
{{- if not (or $values.monitoring.annotations $values.monitoring.serviceMonitor.enabled) -}}
{{- $missing = append $missing "scraping: Prometheus does not find its pods (monitoring.annotations, monitoring.serviceMonitor.enabled)" -}}
{{- end -}}
{{- if not $values.monitoring.rules.enabled -}}
{{- $missing = append $missing "alerts (monitoring.rules.enabled)" -}}
{{- end -}}
{{- if not $values.networkPolicy.enabled -}}
{{- $missing = append $missing "network policies: any pod can connect to it, and it can connect to anything (networkPolicy.enabled)" -}}
{{- end -}}
{{- if and (not $values.api.autoscaling.enabled) (lt (int $values.api.replicas) 2) -}}
{{- $missing = append $missing "second pod: the failure of a node interrupts the service (api.replicas)" -}}
{{- end -}}
{{- range $missing }}
Missing: {{ $.root.Chart.Name }} has no {{ . }}
{{- end }}
{{- end }}
