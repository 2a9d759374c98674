{{/* A service's certificate for mTLS: good for the names it is called by, and for calling. */}}
{{- define "dangol.certificate" -}}
{{- $mtls := .root.Values.global.dangol.mtls -}}
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  {{- include "dangol.metadata" . | nindent 2 }}
spec:
  secretName: {{ include "dangol.name" . }}-tls
  commonName: {{ include "dangol.name" . | trunc 63 }}
  dnsNames:
    - {{ include "dangol.name" . }}
    - {{ include "dangol.name" . }}.{{ .root.Release.Namespace }}.svc
    - {{ include "dangol.host" . }}
  duration: {{ $mtls.duration }}
  renewBefore: {{ $mtls.renewBefore }}
  usages: [server auth, client auth, digital signature]
  privateKey: {algorithm: ECDSA, size: 256, rotationPolicy: Always}
  issuerRef:
    name: {{ default (printf "%s-authority" (include "dangol.prefix" .root)) $mtls.issuer.name }}
    kind: {{ $mtls.issuer.kind }}
    group: {{ $mtls.issuer.group }}
{{- end }}
