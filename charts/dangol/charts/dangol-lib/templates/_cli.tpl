{{/*
A Job that runs one `dangol` command: (dict "root" $ "suffix" "-journey" "arguments" list "annotations" map).
*/}}
{{- define "dangol.cliJob" -}}
{{- $part := merge (dict "name" "cli") . -}}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "dangol.metadata" (dict "root" .root "name" "cli" "suffix" .suffix) | nindent 2 }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  backoffLimit: 3
  activeDeadlineSeconds: 300
  template:
    metadata:
      labels:
        {{- include "dangol.selector" $part | nindent 8 }}
    spec:
      {{- include "dangol.cliPodSpec" . | nindent 6 }}
{{- end }}

{{- define "dangol.cliPodSpec" -}}
{{- $common := .root.Values.global.dangol -}}
{{- $cli := .root.Values.cli -}}
restartPolicy: Never
serviceAccountName: {{ include "dangol.name" (dict "root" .root "name" "cli") }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $common.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- include "dangol.podSecurityContext" .root | nindent 2 }}
containers:
  - name: cli
    image: {{ include "dangol.image" (dict "root" .root "image" $cli.image) }}
    imagePullPolicy: {{ $common.image.pullPolicy }}
    command: [python, -m, dangol_cli]
    args: {{ toJson .arguments }}
    env:
      - {name: DANGOL_PROFILE_TARGET, value: {{ include "dangol.target" (dict "root" .root "name" "profile") | quote }}}
      - {name: DANGOL_GATEWAY_URL, value: {{ printf "http://%s" (include "dangol.target" (dict "root" .root "name" "gateway")) | quote }}}
      - {name: DANGOL_PLATFORM_KEY_FILE, value: /etc/dangol/platform/platform.pem}
      - {name: DANGOL_AUTH_ISSUER, value: {{ $common.auth.issuer | quote }}}
      - {name: DANGOL_AUTH_AUDIENCE, value: {{ $common.auth.audience | quote }}}
      {{- if $common.mtls.enabled }}
      - {name: DANGOL_TLS_CERTIFICATE_FILE, value: /etc/dangol/tls/tls.crt}
      - {name: DANGOL_TLS_KEY_FILE, value: /etc/dangol/tls/tls.key}
      - {name: DANGOL_TLS_AUTHORITY_FILE, value: /etc/dangol/tls/ca.crt}
      {{- end }}
    resources:
      {{- toYaml $cli.resources | nindent 6 }}
    securityContext:
      {{- include "dangol.securityContext" . | nindent 6 }}
    volumeMounts:
      - {name: platform, mountPath: /etc/dangol/platform, readOnly: true}
      {{- if $common.mtls.enabled }}
      - {name: tls, mountPath: /etc/dangol/tls, readOnly: true}
      {{- end }}
volumes:
  - name: platform
    secret:
      secretName: {{ default (printf "%s-platform-key" (include "dangol.prefix" .root)) $cli.platformKey.existingSecret }}
      defaultMode: 0440
      items: [{key: {{ $cli.platformKey.key }}, path: platform.pem}]
  {{- if $common.mtls.enabled }}
  - name: tls
    secret: {secretName: {{ include "dangol.name" (dict "root" .root "name" "cli") }}-tls, defaultMode: 0440}
  {{- end }}
{{- end }}
