"""Staff's allowances and discounts without a database."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from offers_service import staff_allowances, staff_discounts
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey
from offers_service.journal import Request
from offers_service.staff_allowances import Allowance, AllowanceOutcome, Given
from offers_service.staff_discounts import DiscountState, Give, Link, StaffDiscountOutcome

SECRETS = Secrets(b"c" * 32, b"t" * 32, b"l" * 32, b"f" * 32)
ALLOWANCE = Allowance(1, "five", once_minor_units=5, day_minor_units=8, month_minor_units=12)
MONTH = AccountKey("shop", staff_allowances.month_id("staff:sue", "2026-03"))
NOW_MS = 1_772_000_000_000


def _take(account: Any, discount: str, day: int, amount: int) -> Any:
    given = Given(discount, f"2026-03-{day:02}", amount)
    return staff_allowances.take(account, MONTH, "staff:sue", given, ALLOWANCE, now_ms=NOW_MS)


STEP = st.tuples(st.booleans(), st.integers(0, 9), st.integers(1, 3), st.integers(1, 6))


@settings(max_examples=100)
@given(st.lists(STEP, max_size=30))
def test_an_allowance_is_never_overspent(steps: list[tuple[bool, int, int, int]]) -> None:
    """Once, by day and by month, against a dictionary; repeats take nothing, what is given back
    can be given again."""
    account: Any = None
    model: dict[str, tuple[int, int]] = {}
    for takes, number, day, amount in steps:
        name = f"sd_{number}"
        if not takes:
            model.pop(name, None)
            account = staff_allowances.free(account, name, now_ms=NOW_MS).account
            continue
        of_day = sum(given for on, given in model.values() if on == day)
        of_month = sum(given for _, given in model.values())
        if name in model:
            expected = AllowanceOutcome.TAKEN
        elif amount > 5:
            expected = AllowanceOutcome.ABOVE_ONCE
        elif of_day + amount > 8:
            expected = AllowanceOutcome.DAY_SPENT
        elif of_month + amount > 12:
            expected = AllowanceOutcome.MONTH_SPENT
        else:
            expected, model[name] = AllowanceOutcome.TAKEN, (day, amount)
        taken = _take(account, name, day, amount)
        assert expected is taken.outcome
        account = taken.account
        assert sum(given for _, given in model.values()) == staff_allowances.spent(account)
    assert account is None or None is staff_allowances.fault(account)


def _given() -> Any:
    key = AccountKey("shop", "sd_1")
    request = Request("r-1", "staff:sue", b"1")
    command = Give(key, request, "gangnam", "vera", "staff-5", 5, 60, NOW_MS)
    return staff_discounts.give(None, command, SECRETS).account


def _claim(account: Any, request_id: str = "c-1", now_ms: int = NOW_MS + 1_000) -> Any:
    request = Request(request_id, "partner:shop", b"2")
    return staff_discounts.claim(account, request, "nora", now_ms)


def test_a_discount_is_claimed_once() -> None:
    """Its own repeat is told so; afterwards, or after its end, nobody can."""
    opened = _given()
    claimed: Any = _claim(opened)
    assert (StaffDiscountOutcome.APPLIED, "nora") == (claimed.outcome, claimed.account.claimer)
    assert claimed.account is _claim(claimed.account).account
    assert StaffDiscountOutcome.ALREADY_CLAIMED is _claim(claimed.account, "c-2").outcome
    assert StaffDiscountOutcome.EXPIRED is _claim(opened, now_ms=NOW_MS + 60_000).outcome
    back = staff_discounts.cancel(opened, Request("x", "staff:sue", b""), NOW_MS)
    assert (StaffDiscountOutcome.APPLIED, DiscountState.CANCELLED) == (
        back.outcome,
        back.account.state if back.account else None,
    )
    assert StaffDiscountOutcome.CANCELLED is _claim(back.account).outcome


def test_what_followed_is_noted_once() -> None:
    """The link and the coupon, only of a claimed one."""
    claimed = _claim(_given()).account
    done: Any = staff_discounts.done(claimed, Link.LINKED, "c_1").account
    assert ("linked", "c_1") == (done.link, done.coupon)
    assert done is staff_discounts.done(done, Link.CONFLICT, "c_2").account
    opened = _given()
    assert opened is staff_discounts.done(opened, Link.LINKED, "c_1").account
    found: Any = done
    assert None is staff_discounts.fault(found, SECRETS)


def test_tampering_is_found() -> None:
    """Who gave, how much, to whom, and what came of it."""
    done: Any = staff_discounts.done(_claim(_given()).account, Link.LINKED, "c_1").account
    changes: list[dict[str, Any]] = [
        {"owner": "staff:eve"},
        {"amount": 500},
        {"claimer": "eve"},
        {"coupon": "c_2"},
        {"state": DiscountState.OPEN},
        {"entries": done.entries[:2]},
    ]
    for change in changes:
        assert staff_discounts.fault(replace(done, **change), SECRETS)
    month: Any = _take(None, "sd_1", 1, 5).account
    for change in ({"given": ()}, {"owner": "staff:eve"}, {"month": "2026-04"}):
        assert staff_allowances.fault(replace(month, **change))
