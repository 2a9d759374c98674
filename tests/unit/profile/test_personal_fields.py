"""Fields that are personal: kept apart from those that rules see."""

from __future__ import annotations

from profile_service.domain import (
    Attributes,
    Customer,
    FieldKind,
    FieldValue,
    apply_mask,
    check_mask,
)
from profile_service.encoding import to_snapshot
from profile_service.personal import pack, unpack
from profile_service.survivorship import survive

PLAIN = {"size": FieldValue(FieldKind.TEXT, "M"), "allergy": FieldValue(FieldKind.TEXT, "none")}
PERSONAL = {
    "allergy": FieldValue(FieldKind.TEXT, "nuts"),
    "passport": FieldValue(FieldKind.NUMBER, "123"),
    "disabled": FieldValue(FieldKind.FLAG, True),
}


def test_what_is_personal_comes_out_as_it_went_in() -> None:
    """Of every kind; and nothing is sealed of one who has nothing personal."""
    attributes = Attributes(
        "Kim", birth_date="1990-05-17", postal_address="Seoul", note="vip", personal_fields=PERSONAL
    )
    assert attributes == Attributes(**unpack(pack(attributes)))
    assert b"" == pack(Attributes(gender="female", tags=("a",), fields=PLAIN))


def test_a_name_that_becomes_personal_leaves_what_rules_see() -> None:
    """Whichever way it is written; and it is unset by its path."""
    before = Attributes(fields=PLAIN)
    changes = Attributes(personal_fields=PERSONAL)
    whole = apply_mask(before, changes, ["personal_fields"])
    assert (PERSONAL, {"size"}) == (whole.personal_fields, set(whole.fields))
    one = apply_mask(before, changes, ["personal_fields.allergy"])
    assert ({"allergy"}, {"size"}) == (set(one.personal_fields), set(one.fields))
    assert {} == apply_mask(one, Attributes(), ["personal_fields.allergy"]).personal_fields


def test_a_merge_keeps_personal_what_either_holds_so() -> None:
    """The survivor's value first."""
    source = Attributes(personal_fields={"allergy": FieldValue(FieldKind.TEXT, "milk")})
    merged = survive(Attributes(fields=PLAIN), source)
    assert (source.personal_fields, {"size"}) == (merged.personal_fields, set(merged.fields))
    both = survive(Attributes(personal_fields=PERSONAL), source)
    assert PERSONAL == both.personal_fields


def test_segmentation_hears_nothing_personal() -> None:
    """The snapshot has the plain fields alone."""
    attributes = Attributes("Kim", postal_address="Seoul", note="vip", personal_fields=PERSONAL)
    snapshot = to_snapshot(Customer("shop", "u_1", 1, 0, False, attributes))
    assert [] == [word for word in ("Kim", "Seoul", "vip", "nuts", "123") if word in str(snapshot)]


def test_masks_name_personal_fields_whole_or_by_key() -> None:
    """And nothing below other fields."""
    assert [] == check_mask(
        ["personal_fields", "personal_fields.allergy", "postal_address", "note"]
    )
    assert 1 == len(check_mask(["note.first"]))
