{{/*
Who may call a service, as YAML. A value of the chart itself wins over that of `global.access`, and that over the default.
*/}}
{{- define "common.access" -}}
{{- $own := .Values.access -}}
{{- $global := (.Values.global).access | default dict -}}
{{- $access := dict "mode" "token" "audience" "benchtop" "issuers" (list (dict "issuer" "kubernetes")) "authorizer" "roles" "roles" dict -}}
{{- range $name := list "mode" "audience" "issuers" "algorithms" "maxTokenSeconds" "authorizer" "roles" -}}
{{- with get $own $name | default (get $global $name) }}{{ $_ := set $access $name . }}{{ end -}}
{{- end -}}
{{- $cluster := dict -}}
{{- range $access.issuers }}{{ if eq .issuer "kubernetes" }}{{ $cluster = . }}{{ end }}{{ end -}}
{{- $token := eq $access.mode "token" -}}
{{- $clusterTokens := and $token (not (empty $cluster)) -}}
{{- $_ := set $access "token" $token -}}
{{- $_ := set $access "rbac" (and $token (eq $access.authorizer "kubernetes")) -}}
{{- $_ := set $access "asksCluster" (or $access.rbac $clusterTokens) -}}
{{- $_ := set $access "clusterTokens" $clusterTokens -}}
{{- $_ := set $access "clusterAudience" ($cluster.audience | default $access.audience) -}}
{{- $_ := set $access "openToNetwork" (or $own.openToNetwork $global.openToNetwork) -}}
{{- $_ := set $access "adminAccount" (and $clusterTokens $own.adminAccount.create (dig "adminAccount" "create" true $global)) -}}
{{- toYaml $access -}}
{{- end }}

{{/* Fails if values contradict each other. */}}
{{- define "common.require-access" -}}
{{- $access := include "common.access" . | fromYaml -}}
{{- $chart := include "common.value-prefix" . -}}
{{- if not (or $access.token $access.openToNetwork) -}}
{{- fail (printf "\n\n%[1]saccess.mode is open, but its pods listen on all addresses of the network, so everybody who reaches them could do everything. If that is intended, set %[1]saccess.openToNetwork=true, or global.access.openToNetwork=true for all services. Otherwise use the mode token." $chart) -}}
{{- end -}}
{{- if and $access.rbac $access.roles -}}
{{- fail (printf "\n\n%[1]saccess.authorizer is kubernetes, so %[1]saccess.roles would have no effect. Bind people to the Roles of the chart with RoleBindings, and remove the roles from the values, or set the authorizer roles." $chart) -}}
{{- end -}}
{{- end }}

{{/* Name of the ServiceAccount with whose tokens the first person signs in. */}}
{{- define "common.admin-account" -}}
{{- include "common.release" (dict "root" . "most" 44) }}-admin
{{- end }}

{{- define "common.admin-service-account" -}}
---
# Nothing runs as this account: `kubectl create token` makes tokens for it.
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "common.admin-account" .root }}
  labels:
    {{- include "common.labels" (merge (dict "component" "access") .) | nindent 4 }}
automountServiceAccountToken: false
{{- end }}

{{/* Who has each role: the people in the values, the account of `helm test`, and the account of the first person. */}}
{{- define "common.roles" -}}
{{- $access := include "common.access" . | fromYaml -}}
{{- $roles := deepCopy $access.roles -}}
{{- if $access.clusterTokens -}}
{{- $test := printf "serviceaccount:%s/%s-test" .Release.Namespace (include "common.fullname" .) -}}
{{- $_ := set $roles "viewer" (append ($roles.viewer | default list) $test) -}}
{{- end -}}
{{- if $access.adminAccount -}}
{{- $admin := printf "serviceaccount:%s/%s" .Release.Namespace (include "common.admin-account" .) -}}
{{- $_ := set $roles "admin" (append ($roles.admin | default list) $admin) -}}
{{- end -}}
{{- toJson $roles -}}
{{- end }}

{{/* The settings of access, as YAML; only an API has callers. */}}
{{- define "common.access-settings" -}}
{{- $access := include "common.access" .root | fromYaml -}}
{{- $settings := dict "ACCESS" $access.mode -}}
{{- if not $access.token -}}
{{- $_ := set $settings "ACCESS_OPEN_TO_NETWORK" true -}}
{{- else -}}
{{- $settings = merge $settings (dict
  "ACCESS_AUDIENCE" $access.audience
  "ACCESS_ISSUERS" (toJson $access.issuers)
  "ACCESS_AUTHORIZER" $access.authorizer
  "ACCESS_SESSION_KEYS_FILE" "/etc/benchtop/ACCESS_SESSION_KEYS"
) -}}
{{- if not $access.rbac }}{{ $_ := set $settings "ACCESS_ROLES" (include "common.roles" .root) }}{{ end -}}
{{- if and .peers .root.Chart.IsRoot -}}
{{- $_ := set $settings "ACCESS_SIGNED_OUT_URLS" (include "common.peers-url" .root | list | toJson) -}}
{{- end -}}
{{- with $access.algorithms }}{{ $_ := set $settings "ACCESS_ALGORITHMS" (toJson .) }}{{ end -}}
{{- with $access.maxTokenSeconds }}{{ $_ := set $settings "ACCESS_MAX_TOKEN_SECONDS" (int .) }}{{ end -}}
{{- if $access.asksCluster }}{{ $_ := set $settings "ACCESS_CLUSTER_DIR" "/var/run/secrets/benchtop/cluster" }}{{ end -}}
{{- end -}}
{{- if .root.Values.access.addPeople }}{{ $_ := set $settings "ACCESS_ADD_PEOPLE" true }}{{ end -}}
{{- toYaml $settings -}}
{{- end }}

{{/* What an API connects to in order to check tokens and sessions. */}}
{{- define "common.access-calls" -}}
{{- $access := include "common.access" .root | fromYaml -}}
{{- $calls := list -}}
{{- if and (eq .component "api") $access.token -}}
{{- $calls = append $calls "status" -}}
{{- if $access.asksCluster }}{{ $calls = append $calls "cluster" }}{{ end -}}
{{- range $access.issuers }}{{ if ne .issuer "kubernetes" }}{{ $calls = append $calls "issuers" | uniq }}{{ end }}{{ end -}}
{{- end -}}
{{- toJson $calls -}}
{{- end }}

{{/*
The token that a pod has, as YAML: where it is, and the sources of its volume; empty for a pod without one. An API asks the
Kubernetes API server with it. The pod of `helm test` is a caller of Benchtop.
*/}}
{{- define "common.token" -}}
{{- $access := include "common.access" .root | fromYaml -}}
{{- if or (eq .component "session-key") (and (eq .component "api") $access.asksCluster) -}}
path: /var/run/secrets/benchtop/cluster
sources:
  - serviceAccountToken: {path: token, expirationSeconds: {{ ternary 3600 600 (eq .component "api") }}}
  - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
{{- else if and (eq .component "test") $access.clusterTokens -}}
path: /var/run/secrets/benchtop/caller
sources:
  - serviceAccountToken: {path: token, audience: {{ $access.clusterAudience | quote }}, expirationSeconds: 600}
{{- end -}}
{{- end }}
