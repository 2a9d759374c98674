"""protovalidate's rules, with violations named the way clients write fields."""

from __future__ import annotations

from typing import Any

import protovalidate
from google.protobuf.message import Message

from dangol_service_kit.errors import Code, RpcFailure


def collect_violations(message: Message) -> list[tuple[str, str]]:
    """(field path, what to do) for each broken rule of a message, in the order of fields."""
    return [
        (_field_path(violation.proto.field), violation.proto.message or violation.proto.rule_id)
        for violation in protovalidate.collect_violations(message)
    ]


def check(message: Message) -> None:
    """Raises RpcFailure FIELD_INVALID naming every field that breaks a rule."""
    violations = collect_violations(message)
    if violations:
        field, description = violations[0]
        text = f"{field}: {description}" if field else description
        raise RpcFailure(Code.FIELD_INVALID, text, violations=violations)


def _field_path(path: Any) -> str:
    """For example segment.rule, items[3].quantity or properties["size"]."""
    parts: list[str] = []
    for element in path.elements if path is not None else ():
        if parts:
            parts.append(".")
        parts.append(element.field_name)
        if element.subscript is not None:
            key = element.subscript.value
            parts.append(f'["{key}"]' if isinstance(key, str) else f"[{key}]")
    return "".join(parts)
