{{/* A component that serves: at no time fewer pods than asked for, one more while they are replaced. */}}
{{- define "common.deployment" -}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  {{- if not (dig "autoscaling" "enabled" false .values) }}
  replicas: {{ .values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  progressDeadlineSeconds: {{ add .root.Values.startupSeconds 300 }}
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  selector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
  template:
    {{- include "common.pod" . | nindent 4 }}
{{- end }}

{{/* Everything of a component that serves. */}}
{{- define "common.component" -}}
{{- $component := merge . (dict "serves" true "values" (get .root.Values .component)) -}}
{{ include "common.deployment" $component }}
{{ include "common.service" $component }}
{{ include "common.autoscaler" $component }}
{{ include "common.disruption-budget" $component }}
{{ include "common.network-policy" $component }}
{{- end }}
