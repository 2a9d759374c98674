"""Who is calling: tokens verified against pinned keys, callers by context, tokens of our own."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from dangol_service_kit import logs
from dangol_service_kit.config import ProcessConfig
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.key_sources import FileAndUrl, KeySource, Refresher
from dangol_service_kit.sandboxes import parent_of
from dangol_service_kit.token_text import read_token

ALL_TENANTS = "*"
ALGORITHMS = frozenset({"EdDSA", "ES256", "ES384", "RS256", "PS256"})
_TENANT = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
_CACHE_MAX = 10_000
# Clocks of issuers differ a little.
_LEEWAY_SECONDS = 5
_SERVICE_TOKEN_SECONDS = 600
_RENEW_BEFORE_SECONDS = 120
RETRY_MS = 10_000
# Whoever forges tokens learns nothing from how they fail.
_UNTRUSTED = "the token cannot be trusted: get a new one"

_log = logs.get_logger()


class Role(StrEnum):
    """What a caller may be."""

    OPERATOR = "operator"
    ADMIN = "admin"
    MARKETER = "marketer"
    STAFF = "staff"
    PARTNER = "partner"
    CUSTOMER = "customer"
    VISITOR = "visitor"
    SERVICE = "service"


# Keys that do not say which roles they may sign cannot sign the two that cross tenants.
_DEFAULT_ROLES = frozenset(Role) - {Role.OPERATOR, Role.SERVICE}
_CROSS_TENANT_ROLES = frozenset({Role.OPERATOR, Role.SERVICE})


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller. subject is the customer's id for customers; stores limits staff.

    write_only: its key signs tokens that may call what services offer to them, and read nothing.
    """

    tenant_id: str
    role: Role
    subject: str
    stores: tuple[str, ...]
    token: str
    write_only: bool = False


_caller: ContextVar[Caller] = ContextVar("dangol_caller")


def current_caller() -> Caller:
    """The caller of the RPC in progress. Raises RpcFailure TOKEN_MISSING outside of one."""
    caller = _caller.get(None)
    if caller is None:
        raise RpcFailure(Code.TOKEN_MISSING, "send a bearer token")
    return caller


def set_caller(caller: Caller) -> None:
    """Makes `caller` the one that current_caller answers in this task."""
    _caller.set(caller)


def require(*roles: Role) -> Caller:
    """The caller, who has one of `roles`. Raises RpcFailure ROLE_NOT_ALLOWED otherwise."""
    caller = current_caller()
    if caller.role not in roles:
        raise RpcFailure(Code.ROLE_NOT_ALLOWED, f"role {caller.role} may not do this")
    return caller


@dataclass(frozen=True, slots=True)
class _Key:
    key: jwt.PyJWK
    algorithm: str
    roles: frozenset[Role]
    # None for all.
    tenants: frozenset[str] | None
    write_only: bool


class UnknownKeyFailure(RpcFailure):
    """TOKEN_INVALID, of a key that may have been added since keys were read."""


class TokenVerifier:
    """Verifies JWTs against a JWKS whose keys each pin one algorithm, their roles and tenants.

    Verified tokens are kept, at most 10,000, and trusted until they expire or keys change.
    source: where keys are read anew for a kid that is unknown, at most once in 10 s, and every
    5 minutes. Every untrusted token gets the same answer; why is told by the log at level debug.
    Raises ValueError when the JWKS itself cannot be trusted.
    """

    def __init__(
        self,
        jwks: Mapping[str, Any],
        issuer: str,
        audience: str,
        now_seconds: Callable[[], float] = time.time,
        *,
        source: KeySource | None = None,
        is_whole: bool = True,
        monotonic_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """is_whole: `jwks` is all that the source has, as of now."""
        self._keys = dict(_read_key(entry) for entry in jwks["keys"])
        self._issuer = issuer
        self._audience = audience
        self._now_seconds = now_seconds
        self._verified: OrderedDict[str, tuple[Caller, float]] = OrderedDict()
        self._refresher: Refresher | None = None
        if source is not None:
            read_at = monotonic_seconds() if is_whole else None
            self._refresher = Refresher(source, self._take, monotonic_seconds, read_at)

    async def admit(self, authorization: str | None) -> Caller:
        """verify_header, which reads keys anew where the token's is unknown.

        Also raises UNAVAILABLE while the keys of a URL could never be read.
        """
        refresher = self._refresher
        if refresher is None:
            return self.verify_header(authorization)
        refresher.refresh_stale()
        try:
            return self.verify_header(authorization)
        except UnknownKeyFailure:
            reading = refresher.refresh()
            if reading is not None:
                await reading
            if not refresher.was_read:
                message = "the keys that vouch for tokens cannot be read: try again"
                raise RpcFailure(Code.UNAVAILABLE, message, retry_after_ms=RETRY_MS) from None
            return self.verify_header(authorization)

    def verify(self, token: str) -> Caller:
        """The caller a token vouches for. Raises RpcFailure TOKEN_INVALID or TOKEN_EXPIRED."""
        known = self._verified.get(token)
        if known is None:
            known = self._verify_anew(token)
            self._verified[token] = known
            if len(self._verified) > _CACHE_MAX:
                self._verified.popitem(last=False)
        caller, expires_seconds = known
        if expires_seconds + _LEEWAY_SECONDS <= self._now_seconds():
            self._verified.pop(token, None)
            raise RpcFailure(Code.TOKEN_EXPIRED, "the token has expired: get a new one")
        return caller

    def verify_header(self, authorization: str | None) -> Caller:
        """The same for the text of an authorization header. Also raises TOKEN_MISSING."""
        if not authorization:
            raise RpcFailure(Code.TOKEN_MISSING, "send authorization: Bearer <token>")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise RpcFailure(Code.TOKEN_INVALID, "send authorization: Bearer <token>")
        return self.verify(token.strip(" "))

    def _verify_anew(self, token: str) -> tuple[Caller, float]:
        try:
            text = read_token(token)
            key = self._keys.get(text.kid)
            if key is None:
                raise UnknownKeyFailure(Code.TOKEN_INVALID, _UNTRUSTED)
            if text.algorithm != key.algorithm:
                raise ValueError("another algorithm than its key's")
            jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
            )
            return _read_claims(text.claims, key, token), float(text.claims["exp"])
        except jwt.ExpiredSignatureError:
            message = "the token has expired: get a new one"
            raise RpcFailure(Code.TOKEN_EXPIRED, message) from None
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            # The texts of jwt's errors may quote the token, ours do not.
            ours = type(error) is ValueError
            _log.debug("token_refused", reason=str(error) if ours else type(error).__name__)
            raise RpcFailure(Code.TOKEN_INVALID, _UNTRUSTED) from None

    def _take(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        keys: dict[str, _Key] = {}
        for kid, entry in entries.items():
            try:
                keys[kid] = _read_key(entry)[1]
            except (ValueError, KeyError, TypeError, jwt.PyJWTError):
                # A provider's set may have keys for other uses; the operator's file may not.
                if not entry.get("dangol_guest"):
                    raise ValueError("the JWKS file does not hold usable public keys") from None
        self._keys = keys
        self._verified.clear()


def verifier_from_file(
    path: Path, issuer: str, audience: str, url: str | None = None
) -> TokenVerifier:
    """A verifier over a JWKS file, and over the JWKS that a URL answers.

    The file is read now, the URL when its first key is asked for. Raises OSError or ValueError.
    """
    try:
        source = FileAndUrl(path, url)
        jwks = {"keys": list(source.read_file().values())}
        return TokenVerifier(jwks, issuer, audience, source=source, is_whole=url is None)
    except (KeyError, TypeError, jwt.PyJWTError):
        raise ValueError("the JWKS file does not hold usable public keys") from None


def verifier_of(config: ProcessConfig) -> TokenVerifier:
    """The verifier that a process is configured to have. Raises OSError or ValueError."""
    return verifier_from_file(
        config.auth_jwks_file, config.auth_issuer, config.auth_audience, config.auth_jwks_url
    )


def _read_key(entry: Mapping[str, Any]) -> tuple[str, _Key]:
    kid, algorithm = entry.get("kid"), entry.get("alg")
    if not isinstance(kid, str) or not kid:
        raise ValueError("each key needs a kid")
    # Symmetric keys would let whoever verifies sign as well.
    if algorithm not in ALGORITHMS or entry.get("kty") == "oct":
        raise ValueError(f"key {kid} needs an asymmetric alg")
    if "d" in entry:
        raise ValueError(f"key {kid} is a private key")
    named, tenants = entry.get("dangol_roles"), entry.get("dangol_tenants")
    roles = _DEFAULT_ROLES if named is None else frozenset(Role(role) for role in named)
    bound = None if tenants is None else frozenset(str(tenant) for tenant in tenants)
    write_only = bool(entry.get("dangol_write_only"))
    jwk = jwt.PyJWK(dict(entry), algorithm=algorithm)
    return kid, _Key(jwk, algorithm, roles, bound, write_only)


def _read_claims(claims: Mapping[str, Any], key: _Key, token: str) -> Caller:
    named, tenant_id, subject = claims.get("role"), claims.get("tenant"), claims["sub"]
    if not isinstance(named, str) or named not in key.roles:
        raise ValueError("its role is unknown or not one its key may sign")
    role = Role(named)
    if tenant_id == ALL_TENANTS:
        if role not in _CROSS_TENANT_ROLES:
            raise ValueError("its role is bound to one tenant")
    elif not isinstance(tenant_id, str) or not _TENANT.fullmatch(tenant_id):
        raise ValueError("it names no tenant")
    # Whoever vouches for a tenant's people vouches for them in its sandboxes.
    if key.tenants is not None and key.tenants.isdisjoint((tenant_id, parent_of(tenant_id))):
        raise ValueError("its tenant is not one its key may sign for")
    stores = claims.get("stores", [])
    if not isinstance(stores, list) or not all(isinstance(store, str) for store in stores):
        raise ValueError("its stores must be a list of ids")
    return Caller(tenant_id, role, subject, tuple(stores), token, key.write_only)


class ServiceCredentials:
    """Mints the short-lived tokens under which a service calls others in its own name."""

    def __init__(self, key_file: Path, issuer: str, audience: str, service_name: str) -> None:
        """Raises OSError, or ValueError when the file holds no Ed25519 private key."""
        key = load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("the service key must be an Ed25519 private key")
        self._key = key
        self._kid = key_id(key)
        self._issuer = issuer
        self._audience = audience
        self._service_name = service_name
        self._minted: dict[str, tuple[str, float]] = {}

    def token(self, tenant_id: str) -> str:
        """A service token for one tenant, or "*" for calls across tenants."""
        now_seconds = time.time()
        token, expires_seconds = self._minted.get(tenant_id, ("", 0.0))
        if expires_seconds - _RENEW_BEFORE_SECONDS > now_seconds:
            return token
        expires_seconds = now_seconds + _SERVICE_TOKEN_SECONDS
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "iat": int(now_seconds),
            "exp": int(expires_seconds),
            "sub": self._service_name,
            "tenant": tenant_id,
            "role": Role.SERVICE.value,
        }
        token = jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._kid})
        if len(self._minted) >= _CACHE_MAX:
            self._minted.clear()
        self._minted[tenant_id] = (token, expires_seconds)
        return token


def key_id(key: Ed25519PrivateKey) -> str:
    """The kid under which the key's public half stands in the JWKS: its RFC 7638 thumbprint."""
    return public_jwk(key)["kid"]


def public_jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    """The public half of `key` as a JWK with kid and alg."""
    data: dict[str, str] = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    members = {"crv": data["crv"], "kty": data["kty"], "x": data["x"]}
    return {**members, "kid": _thumbprint(members), "alg": "EdDSA", "use": "sig"}


def _thumbprint(members: Mapping[str, str]) -> str:
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
