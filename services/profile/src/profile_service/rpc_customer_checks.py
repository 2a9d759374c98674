"""What is wrong with a request that writes a customer, each with the field and the fix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.errors import Code, RpcFailure

from profile_service import birthdays
from profile_service.disclosure import may_name
from profile_service.domain import (
    MAP_SIZES,
    Attributes,
    Customer,
    UpdateOutcome,
    apply_mask,
    birth_date_exists,
    check_mask,
    overfull,
    personal_names,
)

_OWN_PATHS: Final = (
    *("display_name", "gender", "birth_date", "lunar_birth_date", "language", "postal_address"),
    "preferences",
)
_PERSONAL: Final = "this name is personal: send it in personal_fields alone"


def check_paths(paths: list[str], caller: Caller) -> None:
    """Raises RpcFailure FIELD_INVALID for a mask that names what this caller may not change."""
    wrong = check_mask(paths)
    if caller.role is Role.CUSTOMER:
        wrong += [
            (f"update_mask.paths[{position}]", "customers change only who they are")
            for position, path in enumerate(paths)
            if path.partition(".")[0] not in _OWN_PATHS
        ]
    if not paths:
        wrong = [("update_mask", "name the fields to change")]
    if wrong:
        raise RpcFailure(Code.FIELD_INVALID, f"{wrong[0][0]}: {wrong[0][1]}", violations=wrong)


def refuse_masked(changes: Attributes, paths: Sequence[str], caller: Caller) -> None:
    """Raises RpcFailure FIELD_INVALID for a masked name that is sent back."""
    if "display_name" in paths and "*" in changes.display_name and not may_name(caller.role):
        raise RpcFailure(
            Code.FIELD_INVALID,
            "this name is masked: leave display_name out of the mask, or send the name itself",
            field="customer.display_name",
        )


def check_birth_dates(attributes: Attributes, prefix: str) -> None:
    """Raises RpcFailure FIELD_INVALID for days that no calendar has."""
    if not birth_date_exists(attributes.birth_date):
        raise RpcFailure(Code.FIELD_INVALID, "there is no such day", field=f"{prefix}.birth_date")
    if not birthdays.exists(attributes.lunar_birth_date):
        raise RpcFailure(
            Code.FIELD_INVALID,
            "the Korean lunar calendar of 1000 to 2050 has no such day; check leap_month",
            field=f"{prefix}.lunar_birth_date",
        )


def check_fields(attributes: Attributes, field: str) -> None:
    """Raises RpcFailure FIELD_INVALID for a name in both maps."""
    for name in attributes.fields:
        if name in attributes.personal_fields:
            raise RpcFailure(Code.FIELD_INVALID, _PERSONAL, field=f"{field}[{name}]")


def refuse_twice(names: Sequence[tuple[str, str]]) -> None:
    """Raises RpcFailure FIELD_INVALID for an identifier that is sent twice."""
    wrong = [
        (f"identifiers[{position}]", f"the same as identifiers[{names.index(one)}]: send it once")
        for position, one in enumerate(names)
        if names.index(one) < position
    ]
    if wrong:
        raise RpcFailure(Code.FIELD_INVALID, f"{wrong[0][0]}: {wrong[0][1]}", violations=wrong)


def refuse_update(
    outcome: UpdateOutcome, customer: Customer, changes: Attributes, paths: Sequence[str]
) -> None:
    """Raises the RpcFailure of an update that changed nothing; none for one that did, or had."""
    if outcome is UpdateOutcome.VERSION_CONFLICT:
        raise RpcFailure(
            Code.VERSION_CONFLICT,
            "the customer changed since it was read: read it again",
            field="customer.version",
            metadata={"version": str(customer.version)},
        )
    if outcome is UpdateOutcome.REQUEST_CONFLICT:
        raise RpcFailure(
            Code.REQUEST_CONFLICT,
            "this request id was used with other content: send a fresh one",
            field="request_id",
        )
    if outcome is UpdateOutcome.NAME_IS_PERSONAL:
        names = personal_names(customer.attributes, changes, paths)
        wrong = [(f"customer.fields[{name}]", _PERSONAL) for name in names]
        raise RpcFailure(Code.FIELD_INVALID, f"{wrong[0][0]}: {_PERSONAL}", violations=wrong)
    if outcome is UpdateOutcome.TOO_MANY_FIELDS:
        after = apply_mask(customer.attributes, changes, paths)
        name = overfull(customer.attributes, after)
        message = f"a customer has at most {MAP_SIZES[name]}: remove some first"
        raise RpcFailure(Code.FIELD_INVALID, message, field=f"customer.{name}")
