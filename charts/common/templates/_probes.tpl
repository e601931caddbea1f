{{/*
Liveness touches nothing, so that an outage of the database restarts no pod. Readiness asks the database, and falls
within 10 s of its loss. Until the service has begun to answer, it waits for the database and migrates.
*/}}
{{- define "common.probes" -}}
startupProbe:
  httpGet: {path: /health, port: http}
  initialDelaySeconds: 2  # by then it listens: no healthy start leaves a warning
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
