"""How the rows of a batch are planned."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from profile_service.domain import Customer
from profile_service.identify import IdentifyOutcome
from profile_service.imports import Way, from_codes, plan_rows, to_codes, waves

MEMBER = Customer("shop", "u_member", 1, 1, True)
VISITOR = Customer("shop", "u_visitor", 1, 2, False)
OWNERS = {b"member:m": MEMBER, b"email:m": MEMBER, b"device:v": VISITOR}
CREATED, LINKED = IdentifyOutcome.CREATED, IdentifyOutcome.LINKED
MERGED, UNCHANGED = IdentifyOutcome.MERGED, IdentifyOutcome.UNCHANGED
CONFLICT = IdentifyOutcome.CONFLICT


def _plan(rows: Sequence[str]) -> list[tuple[Way, IdentifyOutcome]]:
    named = [{one.encode(): one.partition(":")[0] for one in row.split()} for row in rows]
    return [(one.way, one.outcome) for one in plan_rows("shop", named, OWNERS, 5)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # Nobody's identifiers, and nobody else's in the batch.
        (["member:a email:a", "device:b"], [(Way.NEW, CREATED)] * 2),
        # Somebody's already.
        (["member:m email:m"], [(Way.SETTLED, UNCHANGED)]),
        (["member:m device:v"], [(Way.ALONE, MERGED)]),
        (["member:m phone:1"], [(Way.ALONE, LINKED)]),
        (["member:a member:m device:v"], [(Way.ALONE, MERGED)]),
        # What rests on a row before it is not written beside it.
        (["member:a", "member:a"], [(Way.NEW, CREATED), (Way.ALONE, UNCHANGED)]),
        (["email:a", "email:a member:m"], [(Way.NEW, CREATED), (Way.ALONE, MERGED)]),
        (["device:v member:a", "device:v member:b"], [(Way.ALONE, LINKED), (Way.ALONE, CONFLICT)]),
        (
            ["device:v member:m", "device:v", "email:m"],
            [(Way.ALONE, MERGED), (Way.ALONE, UNCHANGED), (Way.ALONE, UNCHANGED)],
        ),
        (["member:a", "member:m member:a"], [(Way.NEW, CREATED), (Way.ALONE, CONFLICT)]),
        # Dangol's own id of nobody.
        (["customer:u_x member:a"], [(Way.REJECTED, CONFLICT)]),
    ],
)
def test_a_row_is_planned_over_what_the_rows_before_it_will_have_done(
    rows: list[str], expected: list[tuple[Way, IdentifyOutcome]]
) -> None:
    """New rows together; whatever touches somebody, or a row of the batch, by itself."""
    assert expected == _plan(rows)


def test_rows_that_share_a_name_go_one_after_the_other() -> None:
    """And those that share none side by side, in order."""
    names = [{b"a"}, {b"b"}, {b"a", b"c"}, {b"c", b"d"}, {b"d"}, {b"e"}]
    rows = [(position, frozenset(some)) for position, some in enumerate(names)]
    assert [[0, 1, 5], [2], [3], [4]] == waves(rows)
    assert [] == waves([])


def test_outcomes_are_kept_in_a_byte_each() -> None:
    """Also those of rows that came to nothing."""
    outcomes = [None, *IdentifyOutcome, None]
    assert (len(outcomes), outcomes) == (len(to_codes(outcomes)), from_codes(to_codes(outcomes)))
