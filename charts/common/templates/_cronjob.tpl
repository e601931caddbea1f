{{/* A component that runs on a schedule: one run at a time, each with a deadline. */}}
{{- define "common.cronjob" -}}
{{- $component := merge . (dict "values" (get .root.Values .component)) -}}
---
apiVersion: batch/v1
kind: CronJob
metadata:
  {{- include "common.metadata" $component | nindent 2 }}
spec:
  schedule: {{ $component.values.schedule | quote }}
  timeZone: Etc/UTC
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 300
  successfulJobsHistoryLimit: 1
  failedJobsHistoryLimit: 3
  jobTemplate:
    metadata:
      labels:
        {{- include "common.labels" $component | nindent 8 }}
    spec:
      activeDeadlineSeconds: {{ $component.values.deadlineSeconds }}
      backoffLimit: 1
      template:
        {{- $pod := include "common.pod" $component | fromYaml }}
        {{- $_ := set $pod.spec "restartPolicy" "Never" }}
        {{- toYaml $pod | nindent 8 }}
{{ include "common.network-policy" $component }}
{{- end }}
