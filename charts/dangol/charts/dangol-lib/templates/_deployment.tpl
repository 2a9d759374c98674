{{- define "dangol.deployment" -}}
{{- $settings := .settings -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "dangol.metadata" . | nindent 2 }}
spec:
  {{- if not $settings.autoscaling.enabled }}
  replicas: {{ $settings.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  selector:
    matchLabels:
      {{- include "dangol.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "dangol.labels" . | nindent 8 }}
        {{- with $settings.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        # A changed configuration is a changed pod; so are secrets only where they get another name.
        dangol.dev/config-checksum: {{ include "dangol.environment" . | sha256sum }}
        {{- with $settings.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "dangol.podSpec" . | nindent 6 }}
{{- end }}

{{- define "dangol.podSpec" -}}
{{- $common := .root.Values.global.dangol -}}
{{- $settings := .settings -}}
{{- $termination := $settings.termination -}}
serviceAccountName: {{ include "dangol.serviceAccountName" . }}
automountServiceAccountToken: false
# Variables such as DANGOL_PROFILE_PORT=tcp://... of a Service's name would be read as settings.
enableServiceLinks: false
terminationGracePeriodSeconds: {{ add $termination.preStopSeconds $termination.drainSeconds 10 }}
{{- with $common.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- include "dangol.podSecurityContext" .root | nindent 2 }}
{{- with $settings.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $settings.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with $settings.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $settings.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $settings.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  {{- range $key, $when := dict "kubernetes.io/hostname" $settings.spread.nodes "topology.kubernetes.io/zone" $settings.spread.zones }}
  - topologyKey: {{ $key }}
    maxSkew: 1
    whenUnsatisfiable: {{ $when }}
    labelSelector:
      matchLabels:
        {{- include "dangol.selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- with $settings.extraInitContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - {{ include "dangol.container" . | nindent 4 | trim }}
  {{- with $settings.extraContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumes:
  {{- include "dangol.volumes" . | nindent 2 }}
  {{- with $settings.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "dangol.container" -}}
{{- $common := .root.Values.global.dangol -}}
{{- $settings := .settings -}}
name: {{ .name }}
image: {{ include "dangol.image" (dict "root" .root "image" $settings.image) }}
imagePullPolicy: {{ $common.image.pullPolicy }}
command: [python, -m, {{ .facts.module }}]
envFrom:
  - configMapRef: {name: {{ include "dangol.name" . }}}
{{- with $settings.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - {name: {{ ternary "grpc" "http" .facts.grpc }}, containerPort: {{ get $common.ports .name }}}
  {{- if .facts.grpc }}
  - {name: health, containerPort: {{ $settings.ports.health }}}
  {{- end }}
  {{- if $common.metrics.enabled }}
  - {name: metrics, containerPort: {{ $settings.ports.metrics }}}
  {{- end }}
{{ include "dangol.probes" . }}
lifecycle:
  # Endpoints are told of the end at the same time as the pod is; until they know, calls still come.
  preStop: {sleep: {seconds: {{ $settings.termination.preStopSeconds }}}}
resources:
  {{- toYaml $settings.resources | nindent 2 }}
securityContext:
  {{- include "dangol.securityContext" . | nindent 2 }}
volumeMounts:
  {{- range include "dangol.mounts" . | fromYamlArray }}
  - {name: {{ .name }}, mountPath: {{ .path }}, readOnly: true}
  {{- end }}
  {{- with $settings.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/*
Probes. Alive is who answers at all: a service that rebuilds its state, or waits for its database, is
not made better by a restart.
*/}}
{{- define "dangol.probes" -}}
{{- $probes := .settings.probes -}}
startupProbe:
  {{- include "dangol.probe" (dict "part" . "what" "live") | nindent 2 }}
  periodSeconds: 2
  failureThreshold: {{ max 1 (div $probes.startupSeconds 2) }}
  timeoutSeconds: {{ $probes.timeoutSeconds }}
readinessProbe:
  {{- include "dangol.probe" (dict "part" . "what" "ready") | nindent 2 }}
  periodSeconds: {{ $probes.periodSeconds }}
  failureThreshold: {{ $probes.readinessFailures }}
  timeoutSeconds: {{ $probes.timeoutSeconds }}
livenessProbe:
  {{- include "dangol.probe" (dict "part" . "what" "live") | nindent 2 }}
  periodSeconds: {{ $probes.periodSeconds }}
  failureThreshold: {{ $probes.livenessFailures }}
  timeoutSeconds: {{ $probes.timeoutSeconds }}
{{- end }}

{{- define "dangol.probe" -}}
{{- if .part.facts.grpc -}}
grpc: {port: {{ .part.settings.ports.health }}, service: {{ .what }}}
{{- else -}}
httpGet: {port: http, path: {{ ternary "/healthz" "/readyz" (eq .what "live") }}}
{{- end }}
{{- end }}

{{/* Which files are mounted where. */}}
{{- define "dangol.mounts" -}}
{{- $common := .root.Values.global.dangol -}}
- {name: keys, path: /etc/dangol/keys}
{{- if and .facts.grpc (not $common.mongodb.dev.enabled) }}
- {name: mongodb, path: /etc/dangol/mongodb}
{{- end }}
{{- if and .facts.redis (not $common.redis.dev.enabled) }}
- {name: redis, path: /etc/dangol/redis}
{{- end }}
{{- if $common.mtls.enabled }}
- {name: tls, path: /etc/dangol/tls}
{{- end }}
{{- end }}

{{/* Secrets as files; of the Secret with the keys only what this service needs. */}}
{{- define "dangol.volumes" -}}
{{- $common := .root.Values.global.dangol -}}
- name: keys
  secret:
    secretName: {{ include "dangol.secretName" (dict "root" .root "kind" "keys") }}
    defaultMode: 0440
    items:
      - {key: {{ $common.keys.jwksKey }}, path: jwks.json}
      {{- if .facts.grpc }}
      - {key: {{ $common.keys.masterKey }}, path: master.key}
      - {key: {{ .name }}.pem, path: service.pem}
      {{- end }}
      {{- if and (eq .name "gateway") $common.keys.visitorKey }}
      - {key: {{ $common.keys.visitorKey }}, path: visitor.pem}
      {{- end }}
      {{- if eq .name "offers" }}
      - {key: {{ $common.keys.checkpointKey }}, path: checkpoint.pem}
      {{- with $common.keys.formerCheckpointsKey }}
      - {key: {{ . }}, path: former-checkpoints.pub}
      {{- end }}
      {{- end }}
{{- if and .facts.grpc (not $common.mongodb.dev.enabled) }}
- name: mongodb
  secret:
    secretName: {{ include "dangol.secretName" (dict "root" .root "kind" "mongodb") }}
    defaultMode: 0440
    items: [{key: {{ $common.mongodb.uriKey }}, path: uri}]
{{- end }}
{{- if and .facts.redis (not $common.redis.dev.enabled) }}
- name: redis
  secret:
    secretName: {{ include "dangol.secretName" (dict "root" .root "kind" "redis") }}
    defaultMode: 0440
    items: [{key: {{ $common.redis.urlKey }}, path: url}]
{{- end }}
{{- if $common.mtls.enabled }}
- name: tls
  secret: {secretName: {{ include "dangol.name" . }}-tls, defaultMode: 0440}
{{- end }}
{{- end }}
