{{/*
Objects for the authorizer `kubernetes`, which asks the Kubernetes API server what a caller may do. The Roles name resources of
the group benchtop.dev, which exist in no API; permissions.yaml of each chart lists them.
*/}}
{{- define "common.rbac" -}}
{{- $access := include "common.access" .root | fromYaml -}}
{{- if $access.rbac -}}
{{- $name := include "common.fullname" .root -}}
{{- range $role, $rules := .root.Files.Get "permissions.yaml" | fromYaml }}
{{ include "common.role" (merge (dict "name" (printf "%s-%s" $name $role) "rules" $rules) $) }}
{{- end }}
{{ include "common.role" (merge (dict "name" (printf "%s-ask" $name) "rules" (list (dict "apiGroups" (list "authorization.k8s.io") "resources" (list "localsubjectaccessreviews") "verbs" (list "create")))) .) }}
{{ include "common.role-binding" (merge (dict "name" (printf "%s-ask" $name) "role" (printf "%s-ask" $name) "account" $name) .) }}
{{- if $access.clusterTokens }}
{{ include "common.role-binding" (merge (dict "name" (printf "%s-test" $name) "role" (printf "%s-viewer" $name) "account" (printf "%s-test" $name)) .) }}
{{- end }}
{{- if $access.adminAccount }}
{{ include "common.role-binding" (merge (dict "name" (printf "%s-admin-account" $name) "role" (printf "%s-admin" $name) "account" (include "common.admin-account" .root)) .) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "common.role" -}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}
  labels:
    {{- include "common.labels" (merge (dict "component" "access") .) | nindent 4 }}
rules:
  {{- toYaml .rules | nindent 2 }}
{{- end }}

{{/* Binds an account to a Role. */}}
{{- define "common.role-binding" -}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  labels:
    {{- include "common.labels" (merge (dict "component" "access") .) | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .role }}}
subjects:
  - {kind: ServiceAccount, name: {{ .account }}, namespace: {{ .root.Release.Namespace }}}
{{- end }}
