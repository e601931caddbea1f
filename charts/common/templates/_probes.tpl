{{/*
Liveness does not use the database, so an outage of the database restarts no pod. Readiness queries the database, and
fails within 10 s after the database becomes unavailable. The startup probe allows time to wait for the database and to
run migrations.
*/}}
{{- define "common.probes" -}}
startupProbe:
  httpGet: {path: /health, port: http}
  initialDelaySeconds: 2  # the service listens by then, so a normal start causes no warning event
  periodSeconds: 1
  timeoutSeconds: 3
  failureThreshold: {{ .root.Values.startupSeconds }}
livenessProbe:
  httpGet: {path: /health, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /health/ready, port: http}
  periodSeconds: 2
  timeoutSeconds: 3
  failureThreshold: 3
{{- end }}
