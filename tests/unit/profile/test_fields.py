"""Declared fields: what a tenant may say, and which values fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from profile_service.domain import AnsweredRequest, Attributes, FieldKind, FieldValue
from profile_service.fields import (
    FIELDS_MAX,
    Declaration,
    FieldSchema,
    FieldType,
    SchemaOutcome,
    check_declaration,
    check_survivors,
    check_values,
    decide_declare,
    decide_retire,
)
from profile_service.survivorship import Survivor

REQUEST = AnsweredRequest(b"key", b"content")
DECLARED = [
    Declaration("size", FieldType.NUMBER),
    Declaration("vip", FieldType.FLAG),
    Declaration("style", FieldType.CHOICE, options=("plain", "bold")),
    Declaration("since", FieldType.DATE),
    Declaration("allergy", FieldType.TEXT, personal=True),
    Declaration("old", FieldType.TEXT, retired=True),
]
SCHEMA = FieldSchema("shop", 6, {one.name: one for one in DECLARED})


def text(value: str) -> FieldValue:
    """A value that is a text."""
    return FieldValue(FieldKind.TEXT, value)


@pytest.mark.parametrize(
    ("attributes", "field", "fix"),
    [
        (Attributes(fields={"sise": text("1")}), "fields[sise]", "declare this field first"),
        (Attributes(fields={"size": text("1")}), "fields[size]", "send a number"),
        (Attributes(fields={"vip": text("yes")}), "fields[vip]", "send a flag"),
        (Attributes(fields={"style": text("loud")}), "fields[style]", "plain, bold"),
        (Attributes(fields={"since": text("2024-02-30")}), "fields[since]", "YYYY-MM-DD"),
        (Attributes(fields={"since": text("20240229")}), "fields[since]", "YYYY-MM-DD"),
        (Attributes(fields={"allergy": text("nuts")}), "fields[allergy]", "personal_fields"),
        (Attributes(personal_fields={"style": text("bold")}), "personal_fields[style]", "fields"),
        (Attributes(fields={"old": text("x")}), "fields[old]", "retired"),
        (Attributes(fields={"churn": text("high")}), "fields[churn]", "send a number"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_the_fix(
    attributes: Attributes, field: str, fix: str
) -> None:
    """Unknown, of another type, in the wrong map, or out of use."""
    ((place, hint),) = check_values(SCHEMA, attributes, None, "customer")
    assert f"customer.{field}" == place
    assert fix in hint


def test_values_that_fit_and_values_that_the_mask_leaves_out_are_fine() -> None:
    """As are removals, and the fields that insight keeps."""
    fitting = {
        "size": FieldValue(FieldKind.NUMBER, "270.5"),
        "vip": FieldValue(FieldKind.FLAG, True),
        "style": text("bold"),
        "since": text("2024-02-29"),
        "churn": FieldValue(FieldKind.NUMBER, "0.5"),
    }
    good = Attributes(fields=fitting, personal_fields={"allergy": text("nuts")})
    assert [] == check_values(SCHEMA, good, None, "customer")
    bad = Attributes(fields={"unknown": text("x")})
    assert [] == check_values(SCHEMA, bad, ["tier", "fields.old"], "customer")
    assert 1 == len(check_values(SCHEMA, bad, ["fields.unknown"], "customer"))
    assert [] == check_values(FieldSchema("shop"), bad, None, "customer")


def test_a_type_stays_and_what_is_retired_comes_back() -> None:
    """The same request again changes nothing; with other content it is refused."""
    wanted = DECLARED[0]
    once, first = decide_declare(FieldSchema("shop"), wanted, REQUEST)
    again, second = decide_declare(once, wanted, REQUEST)
    assert (SchemaOutcome.CHANGED, SchemaOutcome.REPEATED, once) == (first, second, again)
    other = replace(REQUEST, fingerprint=b"other")
    assert SchemaOutcome.REQUEST_CONFLICT is decide_declare(once, wanted, other)[1]
    next_request = AnsweredRequest(b"next", b"content")
    for changed in (replace(wanted, type=FieldType.TEXT), replace(wanted, personal=True)):
        assert SchemaOutcome.TYPE_DIFFERS is decide_declare(once, changed, next_request)[1]
    retired, _ = decide_retire(once, "size", next_request)
    assert retired.declared["size"].retired
    back, _ = decide_declare(retired, wanted, AnsweredRequest(b"third", b"content"))
    assert (wanted, 3) == (back.declared["size"], back.version)


def test_there_is_an_end_to_fields_and_insights_are_taken() -> None:
    """And what was never declared cannot be retired."""
    many = {f"f{n}": Declaration(f"f{n}", FieldType.TEXT) for n in range(FIELDS_MAX)}
    full = FieldSchema("shop", 1, many)
    assert SchemaOutcome.TOO_MANY is decide_declare(full, DECLARED[0], REQUEST)[1]
    assert SchemaOutcome.CHANGED is decide_declare(full, many["f0"], REQUEST)[1]
    churn = Declaration("churn", FieldType.NUMBER)
    assert SchemaOutcome.BUILT_IN is decide_declare(SCHEMA, churn, REQUEST)[1]
    assert SchemaOutcome.NOT_FOUND is decide_retire(SCHEMA, "unknown", REQUEST)[1]


def test_survivors_fit_what_they_are_for() -> None:
    """Sums are for numbers, unions for tags and preferences."""
    number, word = DECLARED[0], DECLARED[2]
    assert [] == check_declaration(replace(number, survivor=Survivor.SUM))
    assert 1 == len(check_declaration(replace(word, survivor=Survivor.SUM)))
    assert 1 == len(check_declaration(replace(number, survivor=Survivor.UNION)))
    assert 1 == len(check_declaration(replace(word, options=())))
    assert 1 == len(check_declaration(replace(number, options=("a",))))
    good = [("tier", Survivor.NEWEST), ("tags", Survivor.UNION), ("birth_date", Survivor.MEMBER)]
    assert [] == check_survivors(good)
    bad = [("tier", Survivor.SUM), ("note", Survivor.UNION), ("fields", Survivor.NEWEST), *good[:1]]
    assert [
        "survivorship[0].survivor",
        "survivorship[1].survivor",
        "survivorship[2].attribute",
        "survivorship[3].attribute",
    ] == [place for place, _ in check_survivors(bad)]
