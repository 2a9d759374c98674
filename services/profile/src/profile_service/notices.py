"""Texts that customers are shown when they consent: versions that never change. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_REFERENCE: Final = re.compile(r"([a-z][a-z0-9-]{0,63})@([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class Notice:
    """One version of a text, by language."""

    tenant_id: str
    name: str
    version: int
    texts: Mapping[str, str]
    created_ms: int
    actor: str
    request_key: bytes
    fingerprint: bytes

    @property
    def reference(self) -> str:
        """As consents name it: name@version."""
        return f"{self.name}@{self.version}"


def parse_reference(text: str) -> tuple[str, int] | None:
    """Name and version of a reference; None for a text of another form, kept elsewhere."""
    match = _REFERENCE.fullmatch(text)
    return (match[1], int(match[2])) if match else None
