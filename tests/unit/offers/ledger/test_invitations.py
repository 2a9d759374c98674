"""Invitations and inviters without a database."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from offers_service import invitations, inviters
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey
from offers_service.invitation_terms import Reward, Terms
from offers_service.invitations import Accept, InvitationOutcome, InvitationState, Left, Qualify
from offers_service.inviters import PlaceState
from offers_service.journal import Request
from offers_service.relay_events import to_event
from offers_service.store_accounts import encode_entry

SECRETS = Secrets(b"c" * 32, b"t" * 32, b"l" * 32, b"f" * 32)
TERMS = Terms(1, Reward(points=500), Reward(offer="welcome"), 20_000, 30, 14, 2)
START_MS, DAY_MS = 1_770_000_000_000, 86_400_000
KEY = AccountKey("shop", invitations.invitation_id("nora"))
ANN = AccountKey("shop", inviters.inviter_id("ann"))


def _accept(account: Any = None, request_id: str = "r-1", content: str = "", **flags: bool) -> Any:
    request = Request(request_id, "partner:till", SECRETS.print(content))
    command = Accept(KEY, request, "ann", ANN.a, "nora", START_MS, **flags)
    return invitations.accept(account, command)


def _qualify(account: Any, net: int = 20_000, order: str = "o-1", **changed: Any) -> Any:
    request = Request(f"order-{order}", "partner:till", b"")
    wanted = {"now_ms": START_MS + DAY_MS, **changed}
    return invitations.qualify(account, Qualify(request, order, net, TERMS, **wanted))


def _left(account: Any, left: int, days: int = 2, order: str = "o-1") -> Any:
    request = Request(f"left-{left}", "partner:till", b"")
    return invitations.left(account, Left(request, order, left, START_MS + days * DAY_MS))


def _inviter() -> Any:
    return inviters.open_code(None, ANN, "ann", SECRETS, START_MS)


def test_a_newcomer_is_invited_once_for_good() -> None:
    """A repeat is answered as before; another code, or other content, changes nothing."""
    first = _accept()
    assert (InvitationOutcome.APPLIED, "ann", "nora") == (
        first.outcome,
        first.account.owner,
        first.account.claimer,
    )
    for again, expected in (
        (_accept(first.account), InvitationOutcome.APPLIED),
        (_accept(first.account, content="other"), InvitationOutcome.REQUEST_CONFLICT),
        (_accept(first.account, request_id="r-2"), InvitationOutcome.ALREADY_INVITED),
    ):
        assert (expected, True) == (again.outcome, again.account is first.account)


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("same_person", InvitationOutcome.SELF_INVITATION),
        ("ring", InvitationOutcome.RING),
    ],
)
def test_nobody_invites_oneself_or_in_a_ring(flag: str, expected: InvitationOutcome) -> None:
    """At the sign-up, and when a merge shows it before the order."""
    related: dict[str, Any] = {flag: True}
    assert (expected, None) == ((one := _accept(**related)).outcome, one.account)
    account = _accept().account
    refused = _qualify(account, **related)
    assert (expected, True) == (refused.outcome, refused.account is account)


def test_the_first_order_that_is_large_enough_qualifies() -> None:
    """Smaller ones before it do not; later ones find it qualified; its own repeat is told so."""
    account = _accept().account
    small = _qualify(account, 19_999, "o-0")
    assert (InvitationOutcome.BELOW_MINIMUM, True) == (small.outcome, small.account is account)
    qualified = _qualify(account)
    assert (InvitationOutcome.APPLIED, InvitationState.QUALIFIED, 500, "welcome") == (
        qualified.outcome,
        qualified.account.state,
        qualified.account.inviter_reward.points,
        qualified.account.newcomer_reward.offer,
    )
    assert InvitationOutcome.APPLIED is _qualify(qualified.account).outcome
    other = _qualify(qualified.account, order="o-2")
    assert InvitationOutcome.ALREADY_QUALIFIED is other.outcome


def test_an_order_after_the_programmes_days_is_too_late() -> None:
    """To the millisecond."""
    account = _accept().account
    end_ms = START_MS + 30 * DAY_MS
    assert InvitationOutcome.APPLIED is _qualify(account, now_ms=end_ms - 1).outcome
    assert InvitationOutcome.TOO_LATE is _qualify(account, now_ms=end_ms).outcome


@pytest.mark.parametrize(
    ("left", "days", "expected"),
    [
        (20_000, 2, InvitationOutcome.KEPT),
        (19_999, 2, InvitationOutcome.APPLIED),
        (0, 14, InvitationOutcome.APPLIED),
        (0, 15, InvitationOutcome.KEPT),
    ],
)
def test_a_return_in_time_takes_it_back(left: int, days: int, expected: InvitationOutcome) -> None:
    """If less is left than the minimum, within fourteen days of the order; once."""
    account = _qualify(_accept().account).account
    decided = _left(account, left, days)
    assert expected is decided.outcome
    reversed_ = expected is InvitationOutcome.APPLIED
    assert reversed_ is (decided.account.state is InvitationState.REVERSED)
    assert InvitationOutcome.NOT_INVITED is _left(account, 0, order="o-9").outcome
    if reversed_:
        assert decided.account is _left(decided.account, 0).account
        later = _qualify(decided.account, order="o-2")
        assert InvitationOutcome.ALREADY_QUALIFIED is later.outcome


def test_an_inviter_has_so_many_places() -> None:
    """One each, freed by what came back, never taken again by the same newcomer; places under
    other ids of the person count."""
    account: Any = _inviter()
    for name in ("in_1", "in_2", "in_1"):
        taken: Any = inviters.take(account, name, 2, 0, START_MS)
        assert taken.holds
        account = taken.account
    assert not inviters.take(account, "in_3", 2, 0, START_MS).holds
    assert not inviters.take(account, "in_3", 3, 1, START_MS).holds
    account = inviters.pay(account, "in_1", START_MS).account
    account = inviters.free(account, "in_1", START_MS).account
    assert PlaceState.FREED is inviters.place_of(account, "in_1")
    assert account is inviters.free(account, "in_1", START_MS).account
    assert account is inviters.pay(account, "in_1", START_MS).account
    assert account is inviters.take(account, "in_1", 2, 0, START_MS).account
    third: Any = inviters.take(account, "in_3", 2, 0, START_MS)
    assert (True, 2) == (third.holds, third.account.rewarded_count)
    assert None is inviters.fault(third.account, SECRETS)


STEP = st.tuples(
    st.sampled_from(["take", "pay", "free"]), st.sampled_from(["in_1", "in_2", "in_3", "in_4"])
)


@settings(max_examples=100)
@given(st.lists(STEP, max_size=30))
def test_any_order_of_steps_keeps_the_limit(steps: list[tuple[str, str]]) -> None:
    """Against a dictionary; repeats change nothing, the chain verifies."""
    account: Any = _inviter()
    model: dict[str, str] = {}
    for name, invitation in steps:
        held = sum(state != "freed" for state in model.values())
        if name == "take" and invitation not in model and held < 2:
            model[invitation] = "taken"
        elif name == "pay" and model.get(invitation) == "taken":
            model[invitation] = "paid"
        elif name == "free" and invitation in model:
            model[invitation] = "freed"
        if name == "take":
            account = inviters.take(account, invitation, 2, 0, START_MS).account
        else:
            account = getattr(inviters, name)(account, invitation, START_MS).account
        assert model == {one.invitation: one.state.value for one in account.places}
    assert None is inviters.fault(account, SECRETS)


def test_tampering_is_found() -> None:
    """Who invited, the rewards, the order, the places."""
    account = _qualify(_accept().account).account
    assert None is invitations.fault(account)
    for change in (
        {"owner": "eve"},
        {"inviter_reward": Reward(points=5_000)},
        {"order": "o-9"},
        {"state": InvitationState.REVERSED},
        {"capped": True},
        {"entries": account.entries[:1]},
    ):
        assert invitations.fault(replace(account, **change))
    inviter: Any = inviters.take(_inviter(), "in_1", 2, 0, START_MS).account
    for change in ({"places": ()}, {"owner": "eve"}, {"lookup": b"x" * 12}):
        assert inviters.fault(replace(inviter, **change), SECRETS)


def test_what_happens_is_an_event_of_whom_it_concerns() -> None:
    """Accepted, qualified, reversed: the newcomer's. Rewarded: the inviter's. Places are none."""
    account = _left(_qualify(_accept().account).account, 0).account
    inviter: Any = inviters.take(_inviter(), KEY.a, 2, 0, START_MS).account
    inviter = inviters.pay(inviter, KEY.a, START_MS).account
    found = [
        (event.type, event.customer.value, event.properties["invitation_id"].text)
        for one in (account, inviter)
        for entry in one.entries
        if (event := to_event(one.key.a, encode_entry(entry))) is not None
    ]
    assert [
        ("invitation_accepted", "nora", KEY.a),
        ("invitation_qualified", "nora", KEY.a),
        ("invitation_reversed", "nora", KEY.a),
        ("invitation_rewarded", "ann", KEY.a),
    ] == found
