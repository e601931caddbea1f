{{/*
Allows only the connections in docs/architecture.md. `calls` lists what a component connects to in addition to DNS:
"database", "feeds", "api", "services", "status", "cluster", "issuers". `callers` lists the services whose API pods connect to
it.
*/}}
{{- define "common.network-policy" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- if $policy.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "common.metadata" . | nindent 2 }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  podSelector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  {{- if .serves }}
  ingress:
    {{- if eq .component "api" }}
    - ports: [{port: http}]
      from:
        {{- include "common.namespaces" $policy.ingressNamespaces | nindent 8 }}
        - podSelector:
            matchLabels:
              {{- include "common.selector" (merge (dict "component" "test") .) | nindent 14 }}
        {{- range .callers }}
        - podSelector:
            matchLabels:
              app.kubernetes.io/name: {{ . }}
              app.kubernetes.io/instance: {{ $.root.Release.Name }}
              app.kubernetes.io/component: api
        {{- end }}
        {{- with $policy.callers }}{{ toYaml . | nindent 8 }}{{ end }}
    {{- end }}
    {{- with $policy.prometheusNamespaces }}
    - ports: [{port: metrics}]
      from:
        {{- include "common.namespaces" . | nindent 8 }}
    {{- end }}
  {{- end }}
  egress:
    - ports: [{port: 53, protocol: UDP}, {port: 53}]
      to:
        {{- toYaml $policy.dns | nindent 8 }}
    {{- range concat (include "common.access-calls" . | fromJsonArray) .calls }}
    {{- include (printf "common.egress-%s" .) $ | nindent 4 }}
    {{- end }}
    {{- with $policy.egress }}{{ toYaml . | nindent 4 }}{{ end }}
{{- end }}
{{- end }}

{{- define "common.namespaces" -}}
{{- with . -}}
- namespaceSelector:
    matchExpressions:
      - {key: kubernetes.io/metadata.name, operator: In, values: {{ toJson . }}}
{{- end }}
{{- end }}

{{- define "common.egress-api" -}}
- ports: [{port: 8000}]
  to:
    - podSelector:
        matchLabels:
          {{- include "common.selector" (merge (dict "component" "api") .) | nindent 10 }}
{{- end }}

{{- define "common.egress-services" -}}
- ports: [{port: 8000}]
  to:
    - podSelector:
        matchLabels:
          app.kubernetes.io/instance: {{ .root.Release.Name }}
          app.kubernetes.io/component: api
        matchExpressions:
          - {key: app.kubernetes.io/name, operator: In, values: [inventory, balances]}
{{- end }}

{{- define "common.egress-status" -}}
- ports: [{port: 8000}]
  to:
    - podSelector:
        matchLabels:
          app.kubernetes.io/name: status
          app.kubernetes.io/instance: {{ .root.Release.Name }}
          app.kubernetes.io/component: api
{{- end }}

{{- define "common.egress-cluster" -}}
{{- $server := .root.Values.networkPolicy.apiServer -}}
- ports:
    {{- range $server.ports }}
    - port: {{ . }}
    {{- end }}
  {{- with $server.peers }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "common.egress-issuers" -}}
{{- $ports := dict -}}
{{- range (include "common.access" .root | fromYaml).issuers -}}
{{- if ne .issuer "kubernetes" }}{{ $_ := set $ports (include "common.port" .issuer) true }}{{ end -}}
{{- end -}}
- ports:
    {{- range keys $ports | sortAlpha }}
    - port: {{ . }}
    {{- end }}
  {{- with .root.Values.networkPolicy.issuers }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* The port of a URL. */}}
{{- define "common.port" -}}
{{- $url := urlParse . -}}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (ternary "80" "443" (eq $url.scheme "http")) -}}
{{- end }}

{{- define "common.egress-database" -}}
{{- $database := .root.Values.database -}}
- ports: [{port: {{ ternary $database.port 5432 (ne $database.existingSecret "") }}}]
  {{- if $database.peers }}
  to:
    {{- toYaml $database.peers | nindent 4 }}
  {{- else if not $database.existingSecret }}
  to:
    - podSelector:
        matchLabels:
          app.kubernetes.io/name: postgresql
          app.kubernetes.io/instance: {{ .root.Release.Name }}
  {{- end }}
{{- end }}

{{- define "common.egress-feeds" -}}
{{- $ports := dict -}}
{{- range .root.Values.feeds -}}
{{- $_ := set $ports (include "common.port" .url) true -}}
{{- end -}}
- ports:
    {{- range keys $ports | sortAlpha | default (list "443") }}
    - port: {{ . }}
    {{- end }}
  to:
    {{- toYaml .root.Values.networkPolicy.feeds | nindent 4 }}
{{- end }}
