{{/* A component that serves: at no time fewer pods than asked for, one more while they are replaced. */}}
{{- define "common.deployment" -}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  {{- with include "common.replicas" . }}
  replicas: {{ . }}
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

{{/*
How many pods. With an autoscaler it is the number that is there: an upgrade that left it out would have the cluster put
1, and take the others away under load. Where the cluster cannot be asked, nothing is said.
*/}}
{{- define "common.replicas" -}}
{{- if not (dig "autoscaling" "enabled" false .values) -}}
{{- .values.replicas -}}
{{- else if include "common.cluster-answers" .root -}}
{{- $there := lookup "apps/v1" "Deployment" .root.Release.Namespace (include "common.name" .) -}}
{{- dig "spec" "replicas" .values.autoscaling.minReplicas $there -}}
{{- end -}}
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
