{{/* `helm test`: a pod of the service's own image asks every basic endpoint, and looks at what it gets. */}}
{{- define "common.test" -}}
{{- $test := dict "root" .root "component" "test" "calls" (list "api") "values" .root.Values.test
  "command" (list "python" "-c" (.root.Subcharts.common.Files.Get "files/smoke.py"))
  "args" (list (printf "http://%s" (include "common.fullname" .root)) .root.Values.pathPrefix)
-}}
---
apiVersion: v1
kind: Pod
metadata:
  {{- include "common.metadata" $test | nindent 2 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  restartPolicy: Never
  {{- toYaml (include "common.pod" $test | fromYaml).spec | nindent 2 }}
{{ include "common.network-policy" $test }}
{{- end }}
