{{/*
The keys of browser sessions, which the pods of all services mount. A hook creates the secret before the first installation,
because a chart cannot generate a value once: rendering the same values twice must give the same objects.
*/}}

{{/* The secret with the keys, as YAML. */}}
{{- define "common.session-secret" -}}
{{- $global := ((.Values.global).access).sessionKey | default dict -}}
{{- $key := ternary .Values.access.sessionKey $global (ne .Values.access.sessionKey.existingSecret "") -}}
{{- if $key.existingSecret -}}
{{- include "common.require-secret" (dict "root" . "value" "access.sessionKey" "name" $key.existingSecret "key" $key.key) -}}
{{- toYaml (dict "name" $key.existingSecret "key" $key.key) -}}
{{- else -}}
{{- toYaml (dict "name" (include "common.own-session-secret" .) "key" "keys" "created" true) -}}
{{- end -}}
{{- end }}

{{/* Name of the secret that the hook creates. */}}
{{- define "common.own-session-secret" -}}
{{- include "common.release" (dict "root" . "most" 44) }}-session
{{- end }}

{{/* The source of the volume with the keys. The pods start without the secret, too: browsers cannot sign in then. */}}
{{- define "common.session-source" -}}
{{- $secret := include "common.session-secret" . | fromYaml -}}
- secret:
    name: {{ $secret.name }}
    optional: true
    items: [{key: {{ $secret.key | quote }}, path: ACCESS_SESSION_KEYS}]
{{- end }}

{{/* The hook: a Job with the image of status creates the secret if there is none. It may do nothing else. */}}
{{- define "common.session-hook" -}}
{{- $access := include "common.access" .root | fromYaml -}}
{{- $secret := include "common.session-secret" .root | fromYaml -}}
{{- if and $access.token $secret.created -}}
{{- $hook := dict "root" .root "component" "session-key" "account" "session-key" "values" .root.Values.api "calls" (list "cluster")
  "env" (list
    (dict "name" "ACCESS_NAMESPACE" "valueFrom" (dict "fieldRef" (dict "fieldPath" "metadata.namespace")))
    (dict "name" "LOG_FORMAT" "value" .root.Values.log.format)
  )
  "args" (list "create-session-key" "--secret" $secret.name "--label" (printf "app.kubernetes.io/instance=%s" .root.Release.Name))
-}}
{{- $name := include "common.name" $hook -}}
{{- $annotations := dict "helm.sh/hook" "pre-install,pre-upgrade" "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" -}}
{{- $metadata := dict "name" $name "labels" (include "common.labels" $hook | fromYaml) "annotations" (merge (dict "helm.sh/hook-weight" "-10") $annotations) -}}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- toYaml $metadata | nindent 2 }}
automountServiceAccountToken: false
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- toYaml $metadata | nindent 2 }}
rules:
  - {apiGroups: [""], resources: [secrets], verbs: [create]}  # Kubernetes cannot limit `create` to a name
  - {apiGroups: [""], resources: [secrets], resourceNames: [{{ $secret.name }}], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- toYaml $metadata | nindent 2 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ $name }}}
subjects:
  - {kind: ServiceAccount, name: {{ $name }}, namespace: {{ .root.Release.Namespace }}}
{{ include "common.network-policy" (merge (dict "annotations" $metadata.annotations) $hook) }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $name }}
  labels:
    {{- include "common.labels" $hook | nindent 4 }}
  annotations:
    {{- merge (dict "helm.sh/hook-weight" "-5") $annotations | toYaml | nindent 4 }}
spec:
  activeDeadlineSeconds: 300
  backoffLimit: 3
  template:
    {{- $pod := include "common.pod" $hook | fromYaml }}
    {{- $_ := set $pod.spec "restartPolicy" "Never" }}
    {{- toYaml $pod | nindent 4 }}
{{- end }}
{{- end }}
