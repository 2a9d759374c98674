{{/* Everything of one service: (dict "root" $ "name" "profile"). */}}
{{- define "dangol.service" -}}
{{- $facts := get (include "dangol.services" .root | fromYaml) .name -}}
{{- $settings := include "dangol.settings" . | fromJson -}}
{{- $part := dict "root" .root "name" .name "facts" $facts "settings" $settings -}}
{{- include "dangol.configMap" $part }}
---
{{ include "dangol.deployment" $part }}
---
{{ include "dangol.networkService" $part }}
{{- if $settings.serviceAccount.create }}
---
{{ include "dangol.serviceAccount" $part }}
{{- end }}
{{- if $settings.autoscaling.enabled }}
---
{{ include "dangol.autoscaler" $part }}
{{- end }}
{{- if $settings.podDisruptionBudget.enabled }}
---
{{ include "dangol.disruptionBudget" $part }}
{{- end }}
{{- if .root.Values.global.dangol.networkPolicy.enabled }}
---
{{ include "dangol.networkPolicy" $part }}
{{- end }}
{{- if .root.Values.global.dangol.mtls.enabled }}
---
{{ include "dangol.certificate" $part }}
{{- end }}
{{- end }}

{{/* The Service. gRPC balances over the pods' own addresses, hence headless there. */}}
{{- define "dangol.networkService" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "dangol.metadata" . | nindent 2 }}
spec:
  {{- if .facts.grpc }}
  clusterIP: None
  {{- end }}
  selector:
    {{- include "dangol.selector" . | nindent 4 }}
  ports:
    {{- if .facts.grpc }}
    - {name: grpc, port: {{ get .root.Values.global.dangol.ports .name }}, targetPort: grpc, appProtocol: kubernetes.io/h2c}
    {{- else }}
    - {name: http, port: {{ get .root.Values.global.dangol.ports .name }}, targetPort: http, appProtocol: http}
    {{- end }}
    {{- if .root.Values.global.dangol.metrics.enabled }}
    - {name: metrics, port: {{ .settings.ports.metrics }}, targetPort: metrics, appProtocol: http}
    {{- end }}
{{- end }}

{{- define "dangol.serviceAccountName" -}}
{{- default (include "dangol.name" .) .settings.serviceAccount.name -}}
{{- end }}

{{- define "dangol.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "dangol.serviceAccountName" . }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "dangol.labels" . | nindent 4 }}
  {{- with .settings.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end }}

{{- define "dangol.autoscaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "dangol.metadata" . | nindent 2 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ include "dangol.name" . }}}
  minReplicas: {{ .settings.autoscaling.minReplicas }}
  maxReplicas: {{ .settings.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ .settings.autoscaling.targetCpuPercent }}}
  {{- with .settings.autoscaling.behavior }}
  behavior:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "dangol.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "dangol.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .settings.podDisruptionBudget.maxUnavailable }}
  # A pod that does not work may always be moved: it would otherwise hold up a node for ever.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "dangol.selector" . | nindent 6 }}
{{- end }}
