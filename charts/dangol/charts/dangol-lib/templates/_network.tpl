{{/*
What may come in and go out. Probes need no rule: what a node sends to its own pods is let in.
*/}}
{{- define "dangol.networkPolicy" -}}
{{- $common := .root.Values.global.dangol -}}
{{- $policy := $common.networkPolicy -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "dangol.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "dangol.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- include "dangol.callersRule" . | nindent 4 }}
    {{- if and $common.metrics.enabled $policy.metricsFrom }}
    - from:
        {{- toYaml $policy.metricsFrom | nindent 8 }}
      ports: [{port: metrics, protocol: TCP}]
    {{- end }}
    {{- with .settings.extraIngress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  egress:
    {{- include "dangol.dnsRule" $policy.dns | nindent 4 }}
    {{- range $name := .facts.calls }}
    - to:
        - podSelector:
            matchLabels:
              {{- include "dangol.selector" (dict "root" $.root "name" $name) | nindent 14 }}
      ports: [{port: {{ get $common.ports $name }}, protocol: TCP}]
    {{- end }}
    {{- if .facts.grpc }}
    {{- include "dangol.storeRule" (dict "root" .root "name" "mongodb" "to" $policy.mongodbTo) | nindent 4 }}
    {{- end }}
    {{- if .facts.redis }}
    {{- include "dangol.storeRule" (dict "root" .root "name" "redis" "to" $policy.redisTo) | nindent 4 }}
    {{- end }}
    {{- with $common.telemetry.otlpEndpoint }}
    - ports: [{port: {{ splitList ":" . | last | int }}, protocol: TCP}]
      {{- with $policy.telemetryTo }}
      to:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    {{- end }}
    {{- with .settings.extraEgress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{/* Who may call: the services that do, the journey of `helm test`, and partners; of the gateway, the edge. */}}
{{- define "dangol.callersRule" -}}
{{- $policy := .root.Values.global.dangol.networkPolicy -}}
{{- if .facts.grpc -}}
- from:
    {{- range $name, $facts := include "dangol.services" .root | fromYaml }}
    {{- if has $.name $facts.calls }}
    - podSelector:
        matchLabels:
          {{- include "dangol.selector" (dict "root" $.root "name" $name) | nindent 10 }}
    {{- end }}
    {{- end }}
    {{- range $name := ternary (list "cli" "insight") (list "cli") (eq .name "segmentation") }}
    - podSelector:
        matchLabels:
          {{- include "dangol.selector" (dict "root" $.root "name" $name) | nindent 10 }}
    {{- end }}
    {{- with $policy.partnersFrom }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  ports: [{port: grpc, protocol: TCP}]
{{- else -}}
- ports: [{port: http, protocol: TCP}]
  {{- with $policy.edgeFrom }}
  from:
    {{- toYaml . | nindent 4 }}
    - podSelector:
        matchLabels:
          {{- include "dangol.selector" (dict "root" $.root "name" "cli") | nindent 10 }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "dangol.dnsRule" -}}
- to:
    - namespaceSelector:
        {{- toYaml .namespaceSelector | nindent 8 }}
      podSelector:
        {{- toYaml .podSelector | nindent 8 }}
  ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
{{- end }}

{{/* The way to a data store: this release's own one for trials, or wherever the values say. */}}
{{- define "dangol.storeRule" -}}
{{- $store := get .root.Values.global.dangol .name -}}
{{- if $store.dev.enabled -}}
- to:
    - podSelector:
        matchLabels:
          {{- include "dangol.selector" (dict "root" .root "name" .name) | nindent 10 }}
  ports: [{port: {{ ternary 27017 6379 (eq .name "mongodb") }}, protocol: TCP}]
{{- else -}}
- ports: [{port: {{ $store.port }}, protocol: TCP}]
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
