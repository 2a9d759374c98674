"""How far a rotation has come: page by page, holder by holder, pass by pass."""

from __future__ import annotations

from profile_service.rotation import Holder, Rotation, Step, advance, begin

SETTLED_MS = 100
NOTHING = Step(0, 0, None)


def _pass(rotation: Rotation, steps: list[Step], now_ms: int) -> Rotation:
    for step in steps:
        rotation = advance(rotation, step, now_ms, SETTLED_MS)
    return rotation


def test_pages_are_gone_through_in_order_and_counted_by_holder() -> None:
    """The position moves with each page and begins anew with each holder."""
    rotation = begin("shop", 2, 10)
    rotation = advance(rotation, Step(200, 0, "u_5"), 20, SETTLED_MS)
    assert (Holder.CUSTOMERS, "u_5") == (rotation.holder, rotation.cursor)
    rotation = advance(rotation, Step(3, 0, None), 20, SETTLED_MS)
    assert (Holder.IDENTIFIERS, "") == (rotation.holder, rotation.cursor)
    rotation = _pass(rotation, [Step(7, 0, None)], 20)
    assert {Holder.CUSTOMERS: 203, Holder.IDENTIFIERS: 7} == rotation.renewed
    assert Holder.CONSENTS is rotation.holder


def test_it_is_complete_when_a_settled_pass_meets_nothing() -> None:
    """Neither a pass that met something nor one that began too early will do."""
    first = _pass(begin("shop", 2, 10), [Step(1, 0, None), NOTHING, NOTHING], 50)
    assert (0, 50, Holder.CUSTOMERS) == (first.completed_ms, first.pass_began_ms, first.holder)
    early = _pass(first, [NOTHING] * 3, 120)
    assert (0, 120) == (early.completed_ms, early.pass_began_ms)
    last = _pass(early, [NOTHING] * 3, 130)
    assert (130, {Holder.CUSTOMERS: 1}) == (
        last.completed_ms,
        {holder: count for holder, count in last.renewed.items() if count},
    )


def test_a_broken_key_neither_stops_a_rotation_nor_is_counted_twice() -> None:
    """It is met in every pass; the last one tells how many there are."""
    broken = Step(0, 1, None)
    rotation = _pass(begin("shop", 2, 10), [broken, NOTHING, NOTHING], 120)
    rotation = _pass(rotation, [broken, NOTHING, NOTHING], 130)
    assert (130, 1) == (rotation.completed_ms, rotation.broken)
