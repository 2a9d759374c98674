"""Configuration from the environment: only DANGOL_* variables, every error at once."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

PREFIX = "DANGOL_"
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})

T = TypeVar("T")


class ConfigError(Exception):
    """The environment does not describe a working process.

    errors: one sentence for each missing or malformed variable, in order of name.
    """

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


@dataclass(frozen=True, kw_only=True)
class TlsConfig:
    """The three files of dangol_service_kit.tls; without them calls are plain."""

    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    tls_authority_file: Path | None = None


@dataclass(frozen=True, kw_only=True)
class ProcessConfig(TlsConfig):
    """What every process is told.

    auth_jwks_url: further keys that sign credentials, an identity provider's. health_listen:
    host:port where health alone is served, without TLS. connection_age_seconds: after how long
    clients are asked to connect, and balance, anew. redis_url: where quotas are counted over all
    replicas. quota_caller and quota_tenant: items that one caller of gRPC and all of a tenant may
    ask of a service, by the second and at once; 0 for no limit.
    """

    listen: str
    auth_jwks_file: Path
    auth_issuer: str
    auth_audience: str
    auth_jwks_url: str | None = None
    log_level: str = "info"
    otlp_endpoint: str | None = None
    metrics_listen: str | None = None
    health_listen: str | None = None
    drain_seconds: float = 10.0
    connection_age_seconds: float = 300.0
    redis_url: str | None = None
    quota_caller_per_second: float = 50_000.0
    quota_caller_burst: int = 200_000
    quota_tenant_per_second: float = 100_000.0
    quota_tenant_burst: int = 400_000


@dataclass(frozen=True, kw_only=True)
class ServiceConfig(ProcessConfig):
    """What a process that acts in its own name and keeps tenants' secrets is told as well."""

    service_key_file: Path
    master_key_file: Path


def load(cls: type[T], environ: Mapping[str, str]) -> T:
    """Builds the frozen dataclass `cls` from `environ`.

    Field foo_bar is read from DANGOL_FOO_BAR. Types: str, int, float, bool, Path,
    tuple[str, ...] (comma-separated) and optional ones. An empty variable counts as absent.
    A text may be a secret: DANGOL_FOO_BAR_FILE then names a file that holds it.
    Raises ConfigError naming every variable at fault.
    """
    hints = typing.get_type_hints(cls)
    values: dict[str, Any] = {}
    errors: list[str] = []
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        variable = PREFIX + field.name.upper()
        text = environ.get(variable, "").strip()
        if _is_text(hints[field.name]):
            try:
                text = _read_text(variable, text, environ)
            except ValueError as error:
                errors.append(str(error))
                continue
        if not text:
            if _is_required(field):
                errors.append(f"{variable} is not set")
            continue
        try:
            values[field.name] = _parse(text, hints[field.name])
        except ValueError as error:
            errors.append(f"{variable} {error}")
    if errors:
        raise ConfigError(sorted(errors))
    return cls(**values)


def _is_text(hint: Any) -> bool:
    return hint is str or str in typing.get_args(hint)


def _read_text(variable: str, text: str, environ: Mapping[str, str]) -> str:
    """The variable's own text, or that of the file named beside it; ValueError says what is wrong.

    A file that a secret is mounted as often ends with a line break, which is no part of it.
    """
    file_variable = f"{variable}_FILE"
    name = environ.get(file_variable, "").strip()
    if not name:
        return text
    if text:
        raise ValueError(f"{variable} and {file_variable} are both set; set one")
    try:
        found = Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{file_variable} cannot be read: {type(error).__name__}") from None
    if not found:
        raise ValueError(f"{file_variable} names an empty file")
    return found


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _parse(text: str, hint: Any) -> Any:
    """Reads one value; ValueError's text completes the sentence "DANGOL_X ...".

    The text itself stays out of messages, for it may be a secret.
    """
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        hint = next(option for option in typing.get_args(hint) if option is not type(None))
    if typing.get_origin(hint) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if hint is bool:
        return _parse_bool(text)
    if hint in (int, float):
        try:
            return hint(text)
        except ValueError:
            kind = "a whole number" if hint is int else "a number"
            raise ValueError(f"must be {kind}") from None
    return Path(text) if hint is Path else text


def _parse_bool(text: str) -> bool:
    lowered = text.lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise ValueError("must be true or false")
