"""A gift's own account and a customer's day of gifts, step by step."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from offers_service import gift_account, gift_days
from offers_service.coupon_account import AccountKey
from offers_service.gift_account import GiftAccount, GiftState, Opener, follow, see, stored
from offers_service.gift_days import GiftDay, Place, Side, free, take
from offers_service.gifts import GiftOutcome
from offers_service.journal import Entry, entry_hash


@pytest.fixture
def opened(shop: Any) -> GiftAccount:
    """A gift of ann's for bob."""
    offered = shop.gift(shop.issue(), "g1", recipient="bob")
    account = follow(None, offered.account, offered.gift.gift_id, shop.secrets)
    assert account is not None
    return account


def test_the_account_tells_what_the_coupon_tells(shop: Any) -> None:
    """With recipient, campaign and facts of both entries."""
    offered = shop.gift(shop.issue(), "g1", recipient="bob", facts=(("giver_arm:x", "a"),))
    gift_id = offered.gift.gift_id
    claimed = shop.claim(offered.account, gift_id, "g2", facts=(("referral", "2"),))
    account = follow(None, claimed.account, gift_id, shop.secrets)
    assert account is not None
    assert claimed.gift == stored(account)
    assert ("bob", "spring", 1, 2) == (
        account.recipient,
        account.campaign,
        account.generation,
        account.referral,
    )


def test_openings_and_a_merge_do_not_disturb_the_end(shop: Any) -> None:
    """The account still follows its coupon, and its chain holds."""
    offered = shop.gift(shop.issue(), "g1")
    gift_id, now_ms = offered.gift.gift_id, shop.issued_ms + 1_500
    account = follow(None, offered.account, gift_id, shop.secrets)
    assert account is not None
    account = see(see(account, Opener.VISITOR, now_ms), Opener.VISITOR, now_ms)
    account = gift_account.inherit(account, "ann", "anna", now_ms)
    claimed = shop.claim(offered.account, gift_id, "g2").account
    ended = follow(account, claimed, gift_id, shop.secrets)
    assert ended is not None
    ended = gift_account.inherit(ended, "bob", "bobby", now_ms)
    assert ("anna", "bobby", GiftState.CLAIMED, 5, (Opener.VISITOR,)) == (
        ended.owner,
        ended.claimer,
        ended.state,
        ended.v,
        ended.opened,
    )
    assert gift_account.fault(ended, shop.secrets) is None
    assert ended is see(ended, Opener.CUSTOMER, now_ms)
    assert gift_account.fault(replace(ended, owner="ann"), shop.secrets) is not None


def test_an_overdue_gift_is_not_opened(opened: GiftAccount) -> None:
    """Whoever looks at it finds it gone."""
    assert opened is see(opened, Opener.CUSTOMER, opened.expire_ms)


def test_only_who_is_meant_claims_or_declines(shop: Any) -> None:
    """The coupon stays in escrow for the one who is."""
    offered = shop.gift(shop.issue(), "g1", recipient="bob")
    gift_id = offered.gift.gift_id
    answers = [
        shop.claim(offered.account, gift_id, "g2", claimer="cid", meant=False),
        shop.decline(offered.account, gift_id, "g3", meant=False),
    ]
    assert [GiftOutcome.NOT_RECIPIENT] * 2 == [answer.outcome for answer in answers]
    assert all(answer.account is offered.account for answer in answers)


def test_facts_are_part_of_the_hash() -> None:
    """No other facts, split otherwise or under other names, have the same hash; none cost none."""
    entry = Entry(
        number=1, kind="gift", debit="a", credit="b", at_ms=1, actor="x", owner="ann", gift="g"
    )
    variants = [
        (),
        (("a", "bc"),),
        (("ab", "c"),),
        (("a", "b"), ("c", "")),
        (("a", ""), ("b", "c")),
    ]
    hashes = {entry_hash(b"0" * 32, replace(entry, facts=facts)) for facts in variants}
    assert len(variants) == len(hashes)
    assert entry_hash(b"0" * 32, entry) in hashes


CAUSES = st.sampled_from(["a", "b", "c", "d"])


@given(
    steps=st.lists(st.tuples(st.sampled_from(["take", "free"]), CAUSES), max_size=20),
    limit=st.integers(1, 3),
    other_count=st.integers(0, 2),
)
def test_a_day_holds_as_many_as_its_limit(
    steps: list[tuple[str, str]], limit: int, other_count: int
) -> None:
    """Against a set: places are taken once a cause, and given back."""
    key = AccountKey("shop", gift_days.day_id(Side.GIVER, "ann", "2026-11-27"))
    account: GiftDay | None = None
    model: set[str] = set()
    for number, (step, cause) in enumerate(steps):
        place = Place(
            key, "ann", Side.GIVER, "2026-11-27", cause, limit, number, other_count=other_count
        )
        if step == "free":
            account = free(account, place).account
            model.discard(cause)
        else:
            taking = take(account, place)
            account = taking.account
            allowed = cause in model or len(model) + other_count < limit
            assert allowed == taking.taken
            model |= {cause} if allowed else set()
        assert model == set(account.taken if account else ())
    if account is not None:
        assert gift_days.fault(account) is None
        assert gift_days.fault(replace(account, taken=(*account.taken, "z"))) is not None
        assert gift_days.fault(replace(account, owner="eve")) is not None


def test_a_days_id_is_its_owners_and_dates() -> None:
    """Giver's and recipient's days are apart, and so is each date."""
    ids = {
        gift_days.day_id(side, owner, day)
        for side in Side
        for owner in ("ann", "bob")
        for day in ("2026-11-27", "2026-11-28")
    }
    assert 8 == len(ids)
