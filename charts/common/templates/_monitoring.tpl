{{/* ServiceMonitor, PrometheusRule and dashboards, for the Prometheus Operator and Grafana. */}}
{{- define "common.monitoring" -}}
{{- $monitoring := .root.Values.monitoring -}}
{{- if $monitoring.serviceMonitor.enabled }}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ include "common.fullname" .root }}
  labels:
    {{- include "common.labels" . | nindent 4 }}
    {{- include "common.further-labels" (dict "root" .root "value" "monitoring.serviceMonitor.labels" "labels" $monitoring.serviceMonitor.labels) | nindent 4 }}
spec:
  jobLabel: app.kubernetes.io/name
  selector:
    matchLabels:
      app.kubernetes.io/name: {{ .root.Chart.Name }}
      app.kubernetes.io/instance: {{ .root.Release.Name }}
  endpoints:
    - port: metrics
      path: /metrics
      interval: {{ $monitoring.serviceMonitor.interval }}
      relabelings:
        - {sourceLabels: [__meta_kubernetes_service_label_app_kubernetes_io_component], targetLabel: component}
        - {sourceLabels: [__meta_kubernetes_service_label_app_kubernetes_io_instance], targetLabel: release}
{{- end }}
{{- if $monitoring.rules.enabled }}
{{- $groups := list }}
{{- range $path, $_ := .root.Files.Glob "rules/*.yaml" }}
{{- $groups = concat $groups (include "common.rules" (dict "root" $.root "path" $path) | fromYaml).groups }}
{{- end }}
{{- with $groups }}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {{ include "common.fullname" $.root }}
  labels:
    {{- include "common.labels" $ | nindent 4 }}
    {{- include "common.further-labels" (dict "root" $.root "value" "monitoring.rules.labels" "labels" $monitoring.rules.labels) | nindent 4 }}
spec:
  groups:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end }}
{{- if $monitoring.dashboards.enabled }}
{{- with .root.Files.Glob "dashboards/*.json" }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "common.fullname" $.root }}-dashboards
  labels:
    {{- include "common.labels" $ | nindent 4 }}
    {{- include "common.further-labels" (dict "root" $.root "value" "monitoring.dashboards.labels" "labels" $monitoring.dashboards.labels) | nindent 4 }}
data:
  {{- range $path, $_ := . }}
  {{ base $path }}: {{ include "common.dashboard" (dict "root" $.root "path" $path) | quote }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The rules of a file, for one release: every selector has a matcher of the job, and gets matchers of the namespace and the
release. Otherwise every release would send the alerts of all releases. The job is the chart's name, or its alias.
*/}}
{{- define "common.rules" -}}
{{- $ours := printf "job=%q, namespace=%q, release=%q" .root.Chart.Name .root.Release.Namespace .root.Release.Name -}}
{{- $runbook := printf "runbook_url: %s" .root.Values.monitoring.rules.runbookBase -}}
{{- regexReplaceAllLiteral `job="[a-z]+"` (.root.Files.Get .path) $ours | replace "runbook_url: " $runbook -}}
{{- end }}

{{/* The JSON of a dashboard, with the same job. */}}
{{- define "common.dashboard" -}}
{{- regexReplaceAllLiteral `job=\\"[a-z]+\\"` (.root.Files.Get .path) (printf `job=\"%s\"` .root.Chart.Name) -}}
{{- end }}
