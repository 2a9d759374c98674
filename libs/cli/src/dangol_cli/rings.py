"""Rings of keys that seal personal data, as files: docs/privacy.md."""

import os
import secrets
import time
from pathlib import Path

from dangol_service_kit.key_ring import (
    DERIVED_VERSION,
    VERSION_MAX,
    RingKey,
    format_line,
    parse_ring,
)
from dangol_service_kit.keys import KEY_BYTES

from dangol_cli.keys import KeysError

_PRIVATE_FILE_MODE = 0o600


def rotate_ring(path: Path, ahead_seconds: int) -> RingKey:
    """Adds the next version, in use after a while; the file is made if there is none.

    Raises KeysError.
    """
    held = _read(path) if path.exists() else []
    version = max((one.version for one in held), default=DERIVED_VERSION) + 1
    if version > VERSION_MAX:
        raise KeysError(f"{path} has version {VERSION_MAX}, which is the last one")
    active_ms = (int(time.time()) + ahead_seconds) * 1000
    added = RingKey(version, active_ms, secrets.token_bytes(KEY_BYTES))
    _write(path, [*held, added])
    return added


def retire_ring(path: Path, version: int) -> None:
    """Takes a version out for good. Raises KeysError, also for the one in use."""
    held = _read(path)
    now_ms = int(time.time()) * 1000
    in_use = max((one.version for one in held if one.active_ms <= now_ms), default=0)
    if version not in {one.version for one in held}:
        raise KeysError(f"{path} has no version {version}")
    if version >= in_use:
        raise KeysError(f"version {version} is in use, or will be: rotate first")
    _write(path, [one for one in held if one.version != version])


def _read(path: Path) -> list[RingKey]:
    try:
        return parse_ring(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise KeysError(f"{path} is not a ring of keys: {error}") from None


def _write(path: Path, keys: list[RingKey]) -> None:
    """All at once, so that a process never reads half a ring."""
    fresh = path.with_name(path.name + ".new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(fresh, flags, _PRIVATE_FILE_MODE), "w", encoding="utf-8") as file:
        file.writelines(format_line(one) + "\n" for one in keys)
    fresh.replace(path)
