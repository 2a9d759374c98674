{{/* What all names begin with. */}}
{{- define "dangol.prefix" -}}
{{- $given := .Values.global.dangol.fullnameOverride -}}
{{- $own := ternary .Release.Name (printf "%s-dangol" .Release.Name) (contains "dangol" .Release.Name) -}}
{{- default $own $given | trunc 44 | trimSuffix "-" -}}
{{- end }}

{{/* The name of a part: (dict "root" $ "name" "profile"). */}}
{{- define "dangol.name" -}}
{{- printf "%s-%s" (include "dangol.prefix" .root) .name -}}
{{- end }}

{{/* The label `dangol` of all metrics, by which releases differ. */}}
{{- define "dangol.release" -}}
{{- printf "%s/%s" .Release.Namespace (include "dangol.prefix" .) -}}
{{- end }}

{{/* The labels by which a part's pods are found. They never change. */}}
{{- define "dangol.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/part-of: dangol
{{- end }}

{{/* All labels of a part's objects. */}}
{{- define "dangol.labels" -}}
{{ include "dangol.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.global.dangol.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Name, namespace and labels of an object: (dict "root" $ "name" "profile" "suffix" "-headless"). */}}
{{- define "dangol.metadata" -}}
name: {{ include "dangol.name" . }}{{ .suffix }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "dangol.labels" . | nindent 2 }}
{{- end }}

{{/* The four services: how each is run, whom it calls, and what it reads. */}}
{{- define "dangol.services" -}}
profile: {module: profile_service, grpc: true, redis: true, calls: [segmentation]}
segmentation: {module: segmentation_service, grpc: true, redis: true, calls: [profile]}
offers: {module: offers_service, grpc: true, redis: true, calls: [profile, segmentation]}
gateway: {module: gateway_service, grpc: false, redis: true, calls: [profile, segmentation, offers]}
{{- end }}

{{/* What holds for one service: the values of all, then its own, as JSON. */}}
{{- define "dangol.settings" -}}
{{- $own := omit .root.Values "global" -}}
{{- include "dangol.merge" (dict "below" .root.Values.global.dangol.service "above" $own) -}}
{{- end }}

{{/* Merges maps; what is false, 0 or empty above counts, and lists are replaced. As JSON. */}}
{{- define "dangol.merge" -}}
{{- $merged := deepCopy .below -}}
{{- range $key, $value := .above -}}
{{- $under := get $merged $key -}}
{{- if and (kindIs "map" $value) (kindIs "map" $under) -}}
{{- $value = include "dangol.merge" (dict "below" $under "above" $value) | fromJson -}}
{{- end -}}
{{- $_ := set $merged $key $value -}}
{{- end -}}
{{- toJson $merged -}}
{{- end }}

{{/* An image: (dict "root" $ "image" map with repository, tag and digest). */}}
{{- define "dangol.image" -}}
{{- $common := .root.Values.global.dangol.image -}}
{{- $name := .image.repository -}}
{{- with $common.registry }}{{ $name = printf "%s/%s" . $name }}{{ end -}}
{{- $name = printf "%s:%s" $name (coalesce .image.tag $common.tag .root.Chart.AppVersion) -}}
{{- if .image.digest -}}
{{- $name = printf "%s@%s" $name .image.digest -}}
{{- else if $common.requireDigest -}}
{{- fail (printf "image %s has no digest: set its image.digest to sha256:..., or global.dangol.image.requireDigest to false" $name) -}}
{{- end -}}
{{- $name -}}
{{- end }}

{{/* Name of the Secret of one kind: (dict "root" $ "kind" "keys"). */}}
{{- define "dangol.secretName" -}}
{{- $given := (get .root.Values.global.dangol .kind).existingSecret -}}
{{- default (printf "%s-%s" (include "dangol.prefix" .root) .kind) $given -}}
{{- end }}

{{/* The host of a part's headless Service. */}}
{{- define "dangol.host" -}}
{{- printf "%s.%s.svc.%s" (include "dangol.name" .) .root.Release.Namespace .root.Values.global.dangol.clusterDomain -}}
{{- end }}

{{/*
The pods' security, PSS restricted. A switch leaves ids to the cluster: a null under global would not
reach the parts of a chart.
*/}}
{{- define "dangol.podSecurityContext" -}}
{{- $ids := .Values.global.dangol.podSecurity -}}
runAsNonRoot: true
seccompProfile: {type: RuntimeDefault}
{{- if $ids.assignIds }}
runAsUser: {{ $ids.runAsUser | int64 }}
runAsGroup: {{ $ids.runAsGroup | int64 }}
fsGroup: {{ $ids.fsGroup | int64 }}
fsGroupChangePolicy: OnRootMismatch
{{- end }}
{{- end }}

{{/* A container's security, PSS restricted. */}}
{{- define "dangol.securityContext" -}}
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
{{- end }}
