"""What invitations give and ask for, and how their entries are made. Pure."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from offers_service.journal import Entry, Request

BOOK = "invitations"
SYSTEM = Request("", "system:invitation", b"")


class Reward(msgspec.Struct, frozen=True, omit_defaults=True):
    """Points, or a coupon of an offer; nothing where both are empty."""

    points: int = 0
    offer: str = ""


class Terms(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tenant's invitation programme; version grows by one with each change. The newcomer has to
    order for at least minimum_minor_units within qualify_days of signing up; the rewards are taken
    back when less than that is left of the order within return_days of it. An inviter is rewarded
    for at most rewards_max newcomers."""

    version: int
    inviter: Reward
    newcomer: Reward
    minimum_minor_units: int = 0
    qualify_days: int = 90
    return_days: int = 14
    rewards_max: int = 50


def note(
    kind: str,
    owner: str,
    request: Request,
    now_ms: int,
    **fields: str | int | tuple[tuple[str, str], ...],
) -> Entry:
    """An entry of this part's accounts, which moves nothing."""
    noted = Entry(
        number=0,
        kind=kind,
        debit=BOOK,
        credit=BOOK,
        at_ms=now_ms,
        actor=request.actor,
        owner=owner,
        request=request.request_id,
        print=request.print,
    )
    return replace(noted, **fields)
