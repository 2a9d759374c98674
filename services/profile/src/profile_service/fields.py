"""The fields that a tenant declares: their types, and whether a value fits. Pure.

A tenant that has declared none may use any; from its first declaration on it uses those alone.
What insight keeps (insight.NAMES) needs no declaration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

from dangol_rules.types import INSIGHT_NAMES

from profile_service.domain import (
    REQUESTS_KEPT_MAX,
    AnsweredRequest,
    Attributes,
    FieldKind,
    FieldValue,
)
from profile_service.survivorship import Survivor

FIELDS_MAX: Final = 200
_NAMED_MAX: Final = 5
_SINGLE: Final = (
    *("display_name", "gender", "birth_date", "age_band", "tier", "region", "language"),
    *("postal_address", "note"),
)
_SETS: Final = ("tags", "preferences")


class FieldType(StrEnum):
    """What a declared field holds. CHOICE and DATE are texts."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    DATE = "date"


_KINDS: Final = {FieldType.NUMBER: FieldKind.NUMBER, FieldType.FLAG: FieldKind.FLAG}


@dataclass(frozen=True, slots=True)
class Declaration:
    """One field. options are a CHOICE's."""

    name: str
    type: FieldType
    personal: bool = False
    options: tuple[str, ...] = ()
    description: str = ""
    survivor: Survivor = Survivor.DEFAULT
    retired: bool = False


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """All that a tenant has declared; version 0 means nothing yet."""

    tenant_id: str
    version: int = 0
    declared: Mapping[str, Declaration] = field(default_factory=dict)
    survivors: Mapping[str, Survivor] = field(default_factory=dict)
    requests: tuple[AnsweredRequest, ...] = ()

    @property
    def strict(self) -> bool:
        """Whether fields that are not declared are refused."""
        return bool(self.declared)

    def merge_rules(self) -> dict[str, Survivor]:
        """What survives a merge, by path."""
        found = dict(self.survivors)
        for one in self.declared.values():
            base = "personal_fields" if one.personal else "fields"
            found[f"{base}.{one.name}"] = one.survivor
        return found


class SchemaOutcome(StrEnum):
    """What became of a change of the schema."""

    CHANGED = "changed"
    REPEATED = "repeated"
    REQUEST_CONFLICT = "request_conflict"
    TYPE_DIFFERS = "type_differs"
    TOO_MANY = "too_many"
    BUILT_IN = "built_in"
    NOT_FOUND = "not_found"


Decided = tuple[FieldSchema, SchemaOutcome]


def decide_declare(schema: FieldSchema, wanted: Declaration, request: AnsweredRequest) -> Decided:
    """Declares, changes what may change, or takes a retired field back into use."""
    before = schema.declared.get(wanted.name)
    outcome = _answered(schema, request)
    if outcome is None and wanted.name in INSIGHT_NAMES:
        outcome = SchemaOutcome.BUILT_IN
    if outcome is None and before is None and len(schema.declared) >= FIELDS_MAX:
        outcome = SchemaOutcome.TOO_MANY
    if outcome is None and before is not None:
        same = (before.type, before.personal) == (wanted.type, wanted.personal)
        outcome = None if same else SchemaOutcome.TYPE_DIFFERS
    if outcome is not None:
        return schema, outcome
    declared = {**schema.declared, wanted.name: replace(wanted, retired=False)}
    return _changed(replace(schema, declared=declared), request)


def decide_retire(schema: FieldSchema, name: str, request: AnsweredRequest) -> Decided:
    """Takes a field out of use."""
    outcome = _answered(schema, request)
    if outcome is None and name not in schema.declared:
        outcome = SchemaOutcome.NOT_FOUND
    if outcome is not None:
        return schema, outcome
    declared = {**schema.declared, name: replace(schema.declared[name], retired=True)}
    return _changed(replace(schema, declared=declared), request)


def decide_survivors(
    schema: FieldSchema, survivors: Mapping[str, Survivor], request: AnsweredRequest
) -> Decided:
    """Replaces what survives of the attributes that are not custom fields."""
    outcome = _answered(schema, request)
    if outcome is not None:
        return schema, outcome
    return _changed(replace(schema, survivors=dict(survivors)), request)


def _answered(schema: FieldSchema, request: AnsweredRequest) -> SchemaOutcome | None:
    for one in schema.requests:
        if one.key == request.key:
            same = one.fingerprint == request.fingerprint
            return SchemaOutcome.REPEATED if same else SchemaOutcome.REQUEST_CONFLICT
    return None


def _changed(schema: FieldSchema, request: AnsweredRequest) -> Decided:
    requests = (*schema.requests, request)[-REQUESTS_KEPT_MAX:]
    return (
        replace(schema, version=schema.version + 1, requests=requests),
        SchemaOutcome.CHANGED,
    )


def check_declaration(wanted: Declaration) -> list[tuple[str, str]]:
    """(field path, what to do) for what a declaration may not say."""
    wrong = []
    if (wanted.type is FieldType.CHOICE) != bool(wanted.options):
        wrong.append(("field.options", "give options for the type CHOICE, and for no other"))
    if wanted.survivor is Survivor.UNION:
        wrong.append(("field.survivor", "UNION is for tags and preferences"))
    if wanted.survivor is Survivor.SUM and wanted.type is not FieldType.NUMBER:
        wrong.append(("field.survivor", "SUM is for fields of the type NUMBER"))
    return wrong


def check_survivors(named: Iterable[tuple[str, Survivor]]) -> list[tuple[str, str]]:
    """(field path, what to do) for what rules of survivorship may not say."""
    wrong, seen = [], set()
    for position, (name, survivor) in enumerate(named):
        place = f"survivorship[{position}]"
        if name not in (*_SINGLE, *_SETS):
            hint = f"name one of {', '.join((*_SINGLE, *_SETS))}; fields declare their own"
            wrong.append((f"{place}.attribute", hint))
        elif name in seen:
            wrong.append((f"{place}.attribute", "name each attribute once"))
        if survivor is Survivor.SUM:
            wrong.append((f"{place}.survivor", "SUM is for fields of the type NUMBER"))
        if survivor is Survivor.UNION and name not in _SETS:
            wrong.append((f"{place}.survivor", "UNION is for tags and preferences"))
        seen.add(name)
    return wrong


def check_values(
    schema: FieldSchema, given: Attributes, paths: Iterable[str] | None, prefix: str
) -> list[tuple[str, str]]:
    """(field path, what to do) for values that do not fit what is declared.

    paths is the mask of an update, which alone counts; None takes all. Removing is always fine.
    """
    if not schema.strict:
        return []
    wrong = []
    for base, values in (("fields", given.fields), ("personal_fields", given.personal_fields)):
        for name, value in values.items():
            if paths is None or base in paths or f"{base}.{name}" in paths:
                fix = _misfit(schema, base, name, value)
                if fix:
                    wrong.append((f"{prefix}.{base}[{name}]", fix))
    return wrong


def _misfit(schema: FieldSchema, base: str, name: str, value: FieldValue) -> str:
    """What to do about a value; empty when it fits."""
    declared = schema.declared.get(name)
    if declared is None and name in INSIGHT_NAMES:
        declared = Declaration(name, FieldType.NUMBER)
    if declared is None:
        known = sorted(one.name for one in schema.declared.values() if not one.retired)
        named = ", ".join(known[:_NAMED_MAX]) + (", ..." if len(known) > _NAMED_MAX else "")
        return f"declare this field first with DeclareField, or use one of {named or 'none yet'}"
    if declared.retired:
        return "this field was retired: remove it, or declare it again"
    if declared.personal != (base == "personal_fields"):
        right = "personal_fields" if declared.personal else "fields"
        return f"this field was declared for {right}: send it there"
    return _mistyped(declared, value)


def _mistyped(declared: Declaration, value: FieldValue) -> str:
    if value.kind is not _KINDS.get(declared.type, FieldKind.TEXT):
        return f"send a {_KINDS.get(declared.type, FieldKind.TEXT).value}"
    if declared.type is FieldType.CHOICE and value.value not in declared.options:
        return f"send one of {', '.join(declared.options[:_NAMED_MAX])}"
    if declared.type is FieldType.DATE and not _is_date(str(value.value)):
        return "send a day as YYYY-MM-DD"
    return ""


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
