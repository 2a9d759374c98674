"""Asking processes of this machine over plain HTTP."""

import ssl

# Trusts nobody, since nothing is encrypted. Given to httpx as `verify`: without it each new client
# reads all of the system's certificates, which takes longer than the probe itself.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
