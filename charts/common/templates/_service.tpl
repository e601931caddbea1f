{{/* The Service of a component. That of a worker is headless, because only Prometheus uses it. */}}
{{- define "common.service" -}}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "common.metadata" . | nindent 2 }}
  {{- with .root.Values.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if ne .component "api" }}
  clusterIP: None
  {{- end }}
  selector:
    {{- include "common.selector" . | nindent 4 }}
  ports:
    - {name: http, port: 80, targetPort: http}
{{- end }}

{{- define "common.service-account" -}}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "common.fullname" .root }}
  labels:
    {{- include "common.labels" . | nindent 4 }}
  {{- with .root.Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: {{ .root.Values.serviceAccount.automountToken }}
{{- end }}
