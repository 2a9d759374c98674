"""What may be done with a gift, step by step."""

from typing import Any

import pytest
from msgspec.structs import replace
from offers_service.coupon_account import CouponState, fault, lapse
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.gift_account import GiftState, follow, tell
from offers_service.gift_account import fault as gift_fault
from offers_service.gifts import GiftOutcome


def test_a_claimed_coupon_has_a_new_owner_and_code(shop: Any) -> None:
    """The giver's code is worth nothing any more."""
    coupon = shop.issue()
    offered = shop.gift(coupon, "g1")
    claimed = shop.claim(offered.account, offered.gift.gift_id, "g2")
    assert ("bob", 1, CouponState.AVAILABLE) == (
        claimed.account.owner,
        claimed.account.generation,
        claimed.account.state,
    )
    assert claimed.account.lookup not in {coupon.lookup, offered.account.lookup}
    assert (GiftState.CLAIMED, "bob") == (claimed.gift.state, claimed.gift.claimer)


def test_a_coupon_in_escrow_cannot_be_used(shop: Any) -> None:
    """Nobody uses it while the gift is open."""
    escrowed = shop.gift(shop.issue(), "g1").account
    answers = [shop.hold(escrowed, "r1"), shop.redeem(escrowed, "r2")]
    assert [CouponOutcome.IN_ESCROW] * 2 == [answer.outcome for answer in answers]
    again = shop.gift(escrowed, "g2")
    assert GiftOutcome.COUPON_NOT_AVAILABLE is again.outcome


def test_a_gift_is_claimed_once(shop: Any) -> None:
    """The second claimer comes too late, the first one's repeat gets the same answer."""
    offered = shop.gift(shop.issue(), "g1")
    gift_id = offered.gift.gift_id
    first = shop.claim(offered.account, gift_id, "g2")
    second = shop.claim(first.account, gift_id, "g3", claimer="cid")
    repeat = shop.claim(first.account, gift_id, "g2")
    assert GiftOutcome.ALREADY_CLAIMED is second.outcome
    assert (first.outcome, first.gift, first.coupon) == (repeat.outcome, repeat.gift, repeat.coupon)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"claimer": "ann"}, GiftOutcome.SELF_GIFT),
        ({"same_person": True}, GiftOutcome.SELF_GIFT),
        ({"now_ms": 1_000_000 + 1_000 + 3_600_000}, GiftOutcome.EXPIRED),
    ],
)
def test_refused_claims(shop: Any, changed: dict[str, Any], expected: GiftOutcome) -> None:
    """Not to oneself, also not under another name; not after the end."""
    offered = shop.gift(shop.issue(), "g1")
    answer = shop.claim(offered.account, offered.gift.gift_id, "g2", **changed)
    assert (expected, offered.account) == (answer.outcome, answer.account)


def test_cancelling_beats_a_later_claim(shop: Any) -> None:
    """The coupon is the giver's again and usable."""
    offered = shop.gift(shop.issue(), "g1")
    gift_id = offered.gift.gift_id
    back = shop.cancel(offered.account, gift_id, "g2")
    late = shop.claim(back.account, gift_id, "g3")
    assert (GiftOutcome.APPLIED, GiftOutcome.CANCELLED) == (back.outcome, late.outcome)
    assert CouponOutcome.APPLIED is shop.hold(back.account, "r1").outcome


def test_claiming_beats_a_later_cancel(shop: Any) -> None:
    """What is claimed cannot be taken back."""
    offered = shop.gift(shop.issue(), "g1")
    gift_id = offered.gift.gift_id
    claimed = shop.claim(offered.account, gift_id, "g2")
    assert GiftOutcome.ALREADY_CLAIMED is shop.cancel(claimed.account, gift_id, "g3").outcome


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"giver": "eve"}, GiftOutcome.NOT_OWNER),
        ({"giver": "eve", "only_owner": "eve"}, GiftOutcome.NOT_FOUND),
        ({"now_ms": 1_000_000 + 86_400_000}, GiftOutcome.COUPON_EXPIRED),
    ],
)
def test_refused_offers(shop: Any, changed: dict[str, Any], expected: GiftOutcome) -> None:
    """Each refusal has its outcome and leaves the coupon as it was."""
    coupon = shop.issue()
    answer = shop.gift(coupon, "g1", **changed)
    assert (expected, coupon) == (answer.outcome, answer.account)


def test_what_is_not_giftable_stays(shop: Any) -> None:
    """The offer says whether its coupons may be given away."""
    shop.offer = replace(shop.offer, giftable=False)
    assert GiftOutcome.NOT_GIFTABLE is shop.gift(shop.issue(), "g1").outcome


def test_only_the_giver_cancels(shop: Any) -> None:
    """Others learn that it is not theirs, and nothing of unknown gifts."""
    offered = shop.gift(shop.issue(), "g1")
    answers = [
        shop.cancel(offered.account, offered.gift.gift_id, "g2", giver="eve"),
        shop.cancel(offered.account, "g_unknown", "g3"),
        shop.cancel(None, "g_unknown", "g4"),
    ]
    expected = [GiftOutcome.NOT_OWNER, GiftOutcome.NOT_FOUND, GiftOutcome.NOT_FOUND]
    assert expected == [answer.outcome for answer in answers]


def test_a_gift_ends_with_the_coupon_at_the_latest(shop: Any) -> None:
    """Escrow cannot make a coupon live longer."""
    offered = shop.gift(shop.issue(), "g1", open_seconds=30 * 86_400)
    assert offered.account.valid_until_ms == offered.gift.expire_ms


def test_an_unclaimed_gift_returns_at_its_own_instant(shop: Any) -> None:
    """However late it is looked at."""
    offered = shop.gift(shop.issue(), "g1")
    back = lapse(offered.account, offered.gift.expire_ms + 5_000)
    gift = tell(back, offered.gift.gift_id)
    assert gift is not None
    assert (GiftState.EXPIRED, offered.gift.expire_ms) == (gift.state, gift.closed_ms)
    assert ("ann", CouponState.AVAILABLE) == (back.owner, back.state)


def test_a_claimed_coupon_can_be_given_on(shop: Any) -> None:
    """Each gift has its own id, and the journal tells them apart."""
    offered = shop.gift(shop.issue(), "g1")
    claimed = shop.claim(offered.account, offered.gift.gift_id, "g2")
    onward = shop.gift(claimed.account, "g3", giver="bob", now_ms=shop.issued_ms + 3_000)
    last = shop.claim(onward.account, onward.gift.gift_id, "g4", claimer="ann")
    assert ("ann", 2) == (last.account.owner, last.account.generation)
    first = tell(last.account, offered.gift.gift_id)
    assert first == claimed.gift
    assert fault(last.account, shop.secrets) is None


def test_the_gifts_account_follows_forward_only(shop: Any) -> None:
    """Wherever it stopped, following brings it up to the coupon; again changes nothing."""
    offered = shop.gift(shop.issue(), "g1")
    gift_id = offered.gift.gift_id
    claimed = shop.claim(offered.account, gift_id, "g2").account
    opened = follow(None, offered.account, gift_id, shop.secrets)
    stepwise = follow(opened, claimed, gift_id, shop.secrets)
    at_once = follow(None, claimed, gift_id, shop.secrets)
    assert stepwise == at_once
    assert at_once is follow(at_once, claimed, gift_id, shop.secrets)
    assert at_once is follow(at_once, offered.account, gift_id, shop.secrets)
    assert stepwise is not None
    assert (GiftState.CLAIMED, "bob", 0) == (stepwise.state, stepwise.claimer, stepwise.due_ms)
    assert gift_fault(stepwise, shop.secrets) is None


def test_tokens_are_found_by_their_hash(shop: Any) -> None:
    """The token itself is nowhere in the account."""
    offered = shop.gift(shop.issue(), "g1")
    token = shop.secrets.token(offered.gift.gift_id)
    account = follow(None, offered.account, offered.gift.gift_id, shop.secrets)
    assert account is not None
    assert account.lookup == shop.secrets.lookup_of_token(token)
    assert token not in repr(account)
