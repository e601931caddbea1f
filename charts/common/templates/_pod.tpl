{{/*
The pod of a component. It meets the Pod Security level restricted. It has the settings of the service unless it is a hook, and
probes if it serves requests.
*/}}
{{- define "common.pod" -}}
{{- $values := .root.Values -}}
{{- $told := not (has .component (list "test" "session-key")) -}}
{{- $sources := ternary (include "common.settings-sources" .) "" $told -}}
{{- $token := include "common.token" . | fromYaml -}}
metadata:
  labels:
    {{- include "common.pod-labels" . | nindent 4 }}
    {{- include "common.further-labels" (dict "root" .root "value" "podLabels" "labels" $values.podLabels) | nindent 4 }}
  {{- $annotations := deepCopy ($values.podAnnotations | default dict) }}
  {{- if .files }}{{ $_ := set $annotations "checksum/config" (toJson .files | sha256sum) }}{{ end }}
  {{- if and .serves $values.monitoring.annotations }}
  {{- $annotations = merge $annotations (dict "prometheus.io/scrape" "true" "prometheus.io/port" "9000" "prometheus.io/path" "/metrics") }}
  {{- end }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "common.account" . }}
  automountServiceAccountToken: {{ $values.serviceAccount.automountToken }}
  enableServiceLinks: false
  securityContext:
    {{- toYaml $values.podSecurityContext | nindent 4 }}
  containers:
    - name: {{ .component }}
      image: {{ include "common.image" . | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      terminationMessagePolicy: FallbackToLogsOnError  # `kubectl describe` shows the last lines of the log
      {{- with .command }}
      command:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      args:
        {{- toYaml .args | nindent 8 }}
      {{- if $told }}
      env:
        {{- include "common.env" . | trim | nindent 8 }}
      {{- else if .env }}
      env:
        {{- toYaml .env | nindent 8 }}
      {{- end }}
      {{- if .serves }}
      ports:
        - {name: http, containerPort: 8000}
        - {name: metrics, containerPort: 9000}
      lifecycle:
        preStop:
          sleep: {seconds: {{ $values.preStopSeconds }}}
      {{- include "common.probes" . | nindent 6 }}
      {{- end }}
      resources:
        {{- toYaml .values.resources | nindent 8 }}
      securityContext:
        {{- toYaml $values.containerSecurityContext | nindent 8 }}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        {{- if $sources }}
        - {name: settings, mountPath: /etc/benchtop, readOnly: true}
        {{- end }}
        {{- if $token }}
        - {name: token, mountPath: {{ $token.path }}, readOnly: true}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: {{ $values.tmpSize }}}
    {{- with $sources }}
    - name: settings
      projected:
        defaultMode: 0440
        sources:
          {{- . | nindent 10 }}
    {{- end }}
    {{- if $token }}
    - name: token
      projected:
        defaultMode: 0440
        sources:
          {{- toYaml $token.sources | nindent 10 }}
    {{- end }}
  {{- if .serves }}
  # the preStop sleep, then the requests in progress, then closing the connection pool
  terminationGracePeriodSeconds: {{ add $values.preStopSeconds $values.shutdownSeconds 10 }}
  topologySpreadConstraints:
    {{- range $values.topologyKeys }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      matchLabelKeys: [pod-template-hash]
      labelSelector:
        matchLabels:
          {{- include "common.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  {{- range $key := list "imagePullSecrets" "nodeSelector" "tolerations" "affinity" "priorityClassName" }}
  {{- with get $values $key }}
  {{ $key }}: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
{{- end }}
