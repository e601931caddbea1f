{{/* `helm test`: a pod with the image of the service requests every basic endpoint and checks the responses. */}}
{{- define "common.test" -}}
{{- $access := include "common.access" .root | fromYaml -}}
{{- $args := list (printf "http://%s" (include "common.fullname" .root)) .root.Values.pathPrefix -}}
{{- if $access.clusterTokens }}{{ $args = append $args "/var/run/secrets/benchtop/caller/token" }}{{ end -}}
{{- $test := dict "root" .root "component" "test" "account" "test" "calls" (list "api") "values" .root.Values.test
  "command" (list "python" "-c" (.root.Subcharts.common.Files.Get "files/smoke.py"))
  "args" $args
-}}
{{- $pod := include "common.pod" $test | fromYaml -}}
{{- $hook := dict "helm.sh/hook" "test" "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" -}}
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "common.name" $test }}
  labels:
    {{- include "common.labels" $test | fromYaml | merge $pod.metadata.labels | toYaml | nindent 4 }}
  annotations:
    {{- merge $hook ($pod.metadata.annotations | default dict) | toYaml | nindent 4 }}
spec:
  restartPolicy: Never
  {{- toYaml $pod.spec | nindent 2 }}
{{ include "common.service-account" $test }}
{{ include "common.network-policy" $test }}
{{- end }}
