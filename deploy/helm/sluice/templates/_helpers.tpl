{{- define "sluice.name" -}}
{{- if contains "sluice" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-sluice" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "sluice.selector" -}}
app.kubernetes.io/name: sluice
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sluice.labels" -}}
{{ include "sluice.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "sluice.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "sluice.account" -}}
{{ .Values.serviceAccount.name | default (include "sluice.name" .) }}
{{- end }}

{{/* Where the option NAME comes from the environment: `kafka.properties.NAME` in capitals, two underscores for a dot. */}}
{{- define "sluice.variable" -}}
SLUICE_KAFKA__PROPERTIES__{{ . | upper | replace "." "__" }}
{{- end }}

{{/* The container's parts that the stage and the job for topics share. */}}
{{- define "sluice.environment" -}}
- name: SLUICE_CONFIG
  value: /etc/sluice/sluice.toml
- name: SLUICE_LOG__FORMAT
  value: json
{{- range .Values.secretFiles }}
- name: {{ include "sluice.variable" .property }}_FILE
  value: /etc/sluice/secrets/{{ .property }}
{{- end }}
{{- range .Values.files }}
- name: {{ include "sluice.variable" .property }}
  value: /etc/sluice/files/{{ .property }}
{{- end }}
{{- with .Values.otlpEndpoint }}
- name: SLUICE_TELEMETRY__OTLP_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "sluice.mounts" -}}
- {name: config, mountPath: /etc/sluice/sluice.toml, subPath: sluice.toml, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- if .Values.secretFiles }}
- {name: secrets, mountPath: /etc/sluice/secrets, readOnly: true}
{{- end }}
{{- if .Values.files }}
- {name: files, mountPath: /etc/sluice/files, readOnly: true}
{{- end }}
{{- with .Values.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "sluice.volumes" -}}
- name: config
  configMap: {name: {{ include "sluice.name" . }}}
- name: tmp
  emptyDir: {sizeLimit: 16Mi}
{{- if .Values.secretFiles }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range .Values.secretFiles }}
      - secret:
          name: {{ .secret }}
          items: [{key: {{ .key | quote }}, path: {{ .property | quote }}}]
      {{- end }}
{{- end }}
{{- if .Values.files }}
- name: files
  projected:
    defaultMode: 0440
    sources:
      {{- range .Values.files }}
      - {{ if .secret }}secret{{ else }}configMap{{ end }}:
          name: {{ .secret | default .configMap }}
          items: [{key: {{ .key | quote }}, path: {{ .property | quote }}}]
      {{- end }}
{{- end }}
{{- with .Values.volumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "sluice.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "sluice.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* Where pods may run; nothing where nothing is said. */}}
{{- define "sluice.placement" -}}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The alert rules, for the series of this release alone: as the ServiceMonitor labels them. */}}
{{- define "sluice.alerts" -}}
{{- $own := printf "job=%q,namespace=%q" (include "sluice.name" .) .Release.Namespace }}
{{- range $line := splitList "\n" (.Files.Get "files/alerts.yml") }}
{{- if contains " expr: " $line }}
{{- $line = regexReplaceAll "((?:sluice|process)_[a-z_]+)\\{" $line (printf "${1}{%s," $own) }}
{{- $line = regexReplaceAll "((?:sluice|process)_[a-z_]+)([^a-z_{]|$)" $line (printf "${1}{%s}${2}" $own) }}
{{- end }}
{{ $line }}
{{- end }}
{{- end }}
