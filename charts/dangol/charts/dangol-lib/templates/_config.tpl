{{/* What a service reads from its environment, secrets apart. */}}
{{- define "dangol.environment" -}}
{{- $common := .root.Values.global.dangol -}}
{{- $address := $common.listenAddress -}}
{{- $ports := .settings.ports -}}
DANGOL_LISTEN: {{ printf "%s:%v" $address (get $common.ports .name) | quote }}
DANGOL_LOG_LEVEL: {{ $common.logLevel | quote }}
DANGOL_AUTH_JWKS_FILE: /etc/dangol/keys/jwks.json
DANGOL_AUTH_ISSUER: {{ $common.auth.issuer | quote }}
DANGOL_AUTH_AUDIENCE: {{ $common.auth.audience | quote }}
{{- with $common.auth.jwksUrl }}
DANGOL_AUTH_JWKS_URL: {{ . | quote }}
{{- end }}
DANGOL_DRAIN_SECONDS: {{ .settings.termination.drainSeconds | quote }}
{{- range $name := .facts.calls }}
DANGOL_{{ upper $name }}_TARGET: {{ include "dangol.target" (dict "root" $.root "name" $name) | quote }}
{{- end }}
{{- if $common.metrics.enabled }}
DANGOL_METRICS_LISTEN: {{ printf "%s:%v" $address $ports.metrics | quote }}
{{- end }}
{{- with $common.telemetry.otlpEndpoint }}
DANGOL_OTLP_ENDPOINT: {{ . | quote }}
{{- end }}
{{- if $common.mtls.enabled }}
DANGOL_TLS_CERTIFICATE_FILE: /etc/dangol/tls/tls.crt
DANGOL_TLS_KEY_FILE: /etc/dangol/tls/tls.key
DANGOL_TLS_AUTHORITY_FILE: /etc/dangol/tls/ca.crt
{{- end }}
{{- if .facts.redis }}
{{- if $common.redis.dev.enabled }}
DANGOL_REDIS_URL: {{ printf "redis://%s:6379/0" (include "dangol.host" (dict "root" .root "name" "redis")) | quote }}
{{- else }}
DANGOL_REDIS_URL_FILE: /etc/dangol/redis/url
{{- end }}
{{- end }}
{{- with $common.quotas }}
DANGOL_QUOTA_CALLER_PER_SECOND: {{ .callerPerSecond | quote }}
DANGOL_QUOTA_CALLER_BURST: {{ .callerBurst | int64 | quote }}
DANGOL_QUOTA_TENANT_PER_SECOND: {{ .tenantPerSecond | quote }}
DANGOL_QUOTA_TENANT_BURST: {{ .tenantBurst | int64 | quote }}
{{- end }}
{{- if .facts.grpc }}
{{ include "dangol.grpcEnvironment" . }}
{{- else }}
DANGOL_GRAPHIQL: {{ .settings.graphiql | quote }}
{{- if $common.keys.visitorKey }}
DANGOL_VISITOR_KEY_FILE: /etc/dangol/keys/visitor.pem
{{- end }}
{{- with .settings.rates }}
DANGOL_RATE_PERSON_PER_SECOND: {{ .personPerSecond | quote }}
DANGOL_RATE_PERSON_BURST: {{ .personBurst | int64 | quote }}
DANGOL_RATE_SHOP_PER_SECOND: {{ .shopPerSecond | quote }}
DANGOL_RATE_SHOP_BURST: {{ .shopBurst | int64 | quote }}
{{- end }}
{{- with .settings.trustedProxies }}
DANGOL_TRUSTED_PROXIES: {{ join "," . | quote }}
{{- end }}
{{- with .settings.corsOrigins }}
DANGOL_CORS_ORIGINS: {{ join "," . | quote }}
{{- end }}
{{- end }}
{{- if eq .name "segmentation" }}
DANGOL_TICK_SECONDS: {{ .settings.tickSeconds | quote }}
DANGOL_DEADLINE_VISIBILITY_SECONDS: {{ .settings.deadlineVisibilitySeconds | quote }}
{{- end }}
{{- if eq .name "offers" }}
DANGOL_CHECKPOINT_KEY_FILE: /etc/dangol/keys/checkpoint.pem
{{- if $common.keys.formerCheckpointsKey }}
DANGOL_CHECKPOINT_PUBLIC_KEYS_FILE: /etc/dangol/keys/former-checkpoints.pub
{{- end }}
{{- end }}
{{- end }}

{{/* What the services have that the gateway has not: an identity, a store, the bus. */}}
{{- define "dangol.grpcEnvironment" -}}
{{- $common := .root.Values.global.dangol -}}
DANGOL_HEALTH_LISTEN: {{ printf "%s:%v" $common.listenAddress .settings.ports.health | quote }}
DANGOL_CONNECTION_AGE_SECONDS: {{ .settings.connectionAgeSeconds | quote }}
DANGOL_SERVICE_KEY_FILE: /etc/dangol/keys/service.pem
DANGOL_MASTER_KEY_FILE: /etc/dangol/keys/master.key
DANGOL_MONGODB_DATABASE: {{ .settings.database | quote }}
{{- if $common.mongodb.dev.enabled }}
DANGOL_MONGODB_URI: {{ printf "mongodb://%s:27017/?replicaSet=dangol" (include "dangol.host" (dict "root" .root "name" "mongodb")) | quote }}
{{- else }}
DANGOL_MONGODB_URI_FILE: /etc/dangol/mongodb/uri
{{- end }}
{{- end }}

{{/* Where a service answers. Its port is a value of another part, hence what is known of it here. */}}
{{- define "dangol.target" -}}
{{- $port := get .root.Values.global.dangol.ports .name -}}
{{- printf "%s:%v" (include "dangol.host" .) $port -}}
{{- end }}

{{- define "dangol.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "dangol.metadata" . | nindent 2 }}
data:
  {{- include "dangol.environment" . | nindent 2 }}
{{- end }}
