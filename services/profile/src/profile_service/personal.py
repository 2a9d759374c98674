"""The personal attributes of a customer as one text to be sealed. Pure."""

from __future__ import annotations

import json
from typing import Any

from profile_service.domain import Attributes, FieldKind, FieldValue

_TEXTS = ("display_name", "birth_date", "lunar_birth_date", "postal_address", "note")
_FIELDS = "personal_fields"
# json.dumps makes an encoder for each call that has any option.
_encode = json.JSONEncoder(ensure_ascii=False).encode
_decode = json.JSONDecoder().decode


def pack(attributes: Attributes) -> bytes:
    """What is to be sealed of these attributes; empty when there is nothing."""
    held: dict[str, Any] = {name: text for name in _TEXTS if (text := getattr(attributes, name))}
    if attributes.personal_fields:
        held[_FIELDS] = {
            name: [one.kind.value, one.value] for name, one in attributes.personal_fields.items()
        }
    return _encode(held).encode() if held else b""


def unpack(packed: bytes) -> dict[str, Any]:
    """The attributes by name, those that are there."""
    held: dict[str, Any] = _decode(packed.decode())
    if _FIELDS in held:
        held[_FIELDS] = {
            name: FieldValue(FieldKind(kind), value)
            for name, (kind, value) in held[_FIELDS].items()
        }
    return held
