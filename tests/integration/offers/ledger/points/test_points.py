"""Points over the wire."""

import asyncio
from typing import Any, get_args

import pytest
from dangol.offers.v1 import ledger_service_pb2 as ledger
from dangol.offers.v1 import points_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from offers_service.budget_account import Measure, opened
from offers_service.coupon_account import AccountKey
from offers_service.place_account import close
from offers_service.store_accounts import AccountStore, AnyAccount

from tests.integration.offers.ledger.conftest import new_id, won

# Kinds that move nothing: each of their entries stands in one book on both sides.
NOTES = {"code", "invitation", "inviter", "staff_month", "staff_discount"}


def _name(answer: Any) -> str:
    return pb.PointsOutcome.Name(answer.outcome).removeprefix("POINTS_OUTCOME_")


async def test_an_order_earns_and_another_spends(points: Any) -> None:
    """Held at checkout, spent on payment, given back on cancellation; every step in the books."""
    earned = await points.earn("o-1", 19_999)
    assert (190, 190, "base") == (
        earned.points_earned,
        earned.available_points,
        earned.earned[0].rule_id,
    )
    held = await points.hold("o-2", 100)
    assert (won(100), 90) == (held.worth, held.available_points)
    spent = await points.spend("o-2")
    assert (100, 90) == (spent.points_spent, spent.available_points)
    back = await points.refund("o-2")
    assert (100, 190) == (back.points_refunded, back.available_points)
    taken = await points.take_back("o-1")
    assert (190, 0, 0) == (taken.points_taken, taken.points_owed, taken.available_points)
    await points.sound()


async def test_what_was_spent_is_owed_until_the_next_points(points: Any) -> None:
    """A reversal takes points back also when they were spent; the balance is never negative."""
    await points.earn("o-1", 10_000)
    await points.hold("o-2", 70)
    await points.spend("o-2")
    taken = await points.take_back("o-1")
    assert (30, 70) == (taken.points_taken, taken.points_owed)
    balance = await points.balance()
    assert (0, 70) == (balance.available_points, balance.owed_points)
    await points.sound()
    later = await points.earn("o-3", 10_000)
    assert (100, 70, 30) == (later.points_earned, later.points_repaid, later.available_points)
    await points.sound()


async def test_a_repeat_is_answered_as_the_first_time(points: Any) -> None:
    """Also after other steps; other content under the same id is refused."""
    request_id = new_id()
    first = await points.earn("o-1", 10_000, request_id=request_id)
    await points.hold("o-2", 10)
    assert first == await points.earn("o-1", 10_000, request_id=request_id)
    changed = await points.earn("o-1", 20_000, request_id=request_id)
    assert ["REQUEST_CONFLICT", "ALREADY_EARNED"] == [
        _name(answer) for answer in (changed, await points.earn("o-1", 10_000))
    ]


async def test_every_refusal_has_its_name(points: Any) -> None:
    """And changes nothing."""
    await points.set_program(version=1, spend_minimum_points=20, hold_seconds=600)
    await points.earn("o-1", 10_000)
    await points.hold("o-2", 50)
    await points.spend("o-2")
    refused = [
        await points.hold("o-3", 19),
        await points.hold("o-3", 51),
        await points.hold("o-2", 20),
        await points.spend("o-3"),
        await points.spend("o-2"),
        await points.release("o-3"),
        await points.refund("o-3"),
        await points.refund("o-2", points=51),
        await points.take_back("o-3"),
        await points.take_back("o-1", returned_amount=won(10_001)),
        await points.earn("o-4", 1_000, customer_id="nobody"),
    ]
    assert [
        "BELOW_MINIMUM",
        "NOT_ENOUGH_POINTS",
        "ALREADY_SPENT",
        "NOT_HELD",
        "ALREADY_SPENT",
        "NOT_HELD",
        "UNKNOWN_ORDER",
        "RETURN_EXCEEDS_ORDER",
        "UNKNOWN_ORDER",
        "RETURN_EXCEEDS_ORDER",
        "CUSTOMER_NOT_FOUND",
    ] == [_name(answer) for answer in refused]
    assert 50 == (await points.balance()).available_points
    await points.take_back("o-1")
    assert "NOTHING_LEFT" == _name(await points.take_back("o-1"))
    await points.sound()


async def test_a_tenant_without_a_programme_earns_nothing(points: Any) -> None:
    """And another tenant's points are nobody's here."""
    await points.earn("o-1", 10_000)
    token = points.shop.token(Role.PARTNER, "till", "other")
    assert "NO_PROGRAM" == _name(await points.earn("o-1", 10_000, token))
    foreign = await points.balance(token=token)
    assert ("", 0) == (foreign.account_id, foreign.available_points)


async def test_only_those_who_may_do_what_they_may(points: Any) -> None:
    """Customers act for themselves and never say what an order was worth; visitors see nothing."""
    await points.earn("o-1", 10_000)
    ann, bob = (points.shop.token(Role.CUSTOMER, name) for name in ("ann", "bob"))
    visitor = points.shop.token(Role.VISITOR, "browser")
    assert 100 == (await points.balance(token=ann)).available_points
    for wrong in (
        points.balance(token=bob),
        points.balance(token=visitor),
        points.hold("o-2", 10, bob),
        points.earn("o-2", 10_000, ann),
        points.take_back("o-1", ann),
        points.refund("o-1", ann),
        points.give(10, bob),
        points.send("SetPointsProgram", _program_request(), points.shop.token(Role.STAFF)),
    ):
        with pytest.raises(RpcFailure) as refused:
            await wrong
        assert Code.ROLE_NOT_ALLOWED is refused.value.code
    assert "APPLIED" == _name(await points.hold("o-2", 10, ann))


def _program_request(**terms: Any) -> Any:
    program = pb.PointsProgram(**{"points": 1, "per_amount": won(100), **terms})
    return pb.SetPointsProgramRequest(request_id=new_id(), program=program, expected_version=1)


async def test_a_programme_changes_by_its_version(points: Any) -> None:
    """Who read an older one is told so; bad terms name the field and the way to mend it."""
    second = await points.set_program(version=1, points=20)
    assert (2, 20, 12) == (
        second.program.version,
        second.program.points,
        second.program.valid_for_months,
    )
    assert second == await points.set_program(version=1, points=20)
    tier: dict[str, Any] = {"tier_id": "gold", "display_names": {"ko": "골드", "en": "Gold"}}
    wrong: list[tuple[dict[str, Any], Code, str]] = [
        ({}, Code.VERSION_CONFLICT, "expected_version"),
        ({"per_amount": won(0)}, Code.FIELD_INVALID, "program.per_amount.minor_units"),
        (
            {"tiers": [pb.Tier(**tier, threshold=won(10)), pb.Tier(**tier, threshold=won(5))]},
            Code.FIELD_INVALID,
            "program.tiers",
        ),
    ]
    for terms, code, field in wrong:
        with pytest.raises(RpcFailure) as refused:
            await points.set_program(version=1, **terms)
        assert (code, field) == (refused.value.code, refused.value.field)


async def test_sixty_four_tills_spend_one_balance(points: Any) -> None:
    """Ten orders' worth of points pay ten orders, however many try at once."""
    await points.earn("o-0", 10_000)
    answers = await asyncio.gather(*[points.hold(f"o-{number}", 10) for number in range(1, 65)])
    outcomes = [_name(answer) for answer in answers]
    assert (10, 54) == (outcomes.count("APPLIED"), outcomes.count("NOT_ENOUGH_POINTS"))
    held = [f"o-{number}" for number in range(1, 65) if outcomes[number - 1] == "APPLIED"]
    spent = await asyncio.gather(*[points.spend(order) for order in held for _ in range(3)])
    assert 100 == sum(answer.points_spent for answer in spent)
    assert (0, 0) == ((b := await points.balance()).available_points, b.held_points)
    await points.sound()


async def test_one_request_sent_two_hundred_times_has_one_effect(points: Any) -> None:
    """And equal answers."""
    request_id = new_id()
    answers = await asyncio.gather(
        *[points.earn("o-1", 10_000, request_id=request_id) for _ in range(200)]
    )
    assert all(answer == answers[0] for answer in answers)
    assert 100 == (await points.balance()).available_points


async def test_a_hold_that_ran_out_comes_back_by_itself(points: Any) -> None:
    """The sweeper writes it down; before it does, the balance tells it already."""
    await points.earn("o-1", 10_000)
    held = await points.hold("o-2", 60, hold_seconds=1)
    due_ms = held.hold_expire_time.ToMilliseconds()
    assert 1 == await points.shop.parts.points.book.expire_due("shop", due_ms)
    assert 0 == await points.shop.parts.points.book.expire_due("shop", due_ms)
    kinds = [entry.kind for entry in await _entries(points)]
    assert "release_points" == kinds[-1]
    await points.sound()


async def _entries(points: Any, customer_id: str = "ann") -> Any:
    account_id = (await points.balance(customer_id)).account_id
    request = ledger.ListEntriesRequest(account_id=account_id)
    token = points.shop.token(Role.ADMIN)
    return (await points.shop.send(points.shop.journal.ListEntries, request, token)).entries


async def test_lots_end_oldest_first_and_the_balance_says_which(points: Any) -> None:
    """The next end is shown; the sweeper expires that lot alone."""
    await points.earn("o-1", 10_000)
    first = await points.balance()
    await points.set_program(version=1, valid_for_months=13)
    await points.earn("o-2", 5_000)
    balance = await points.balance()
    assert (150, 100) == (balance.available_points, balance.expiring_points)
    assert first.expire_time == balance.expire_time
    end_ms = balance.expire_time.ToMilliseconds()
    await points.shop.parts.points.book.expire_due("shop", end_ms)
    after = await points.balance()
    assert (50, 50) == (after.available_points, after.expiring_points)
    assert end_ms < after.expire_time.ToMilliseconds()
    await points.sound()


async def test_a_journal_of_points_stays_one_small_document(points: Any) -> None:
    """Old entries lie in sealed pages, and what they say still answers: repeats, orders that
    earned, orders that come back, orders whose spending comes back."""
    store: AccountStore = points.shop.parts.accounts
    store._sizes = 20, 10
    request_id = new_id()
    first = await points.earn("o-0", 10_000, request_id=request_id)
    await points.hold("spent", 30)
    await points.spend("spent")
    for number in range(1, 40):
        await points.earn(f"o-{number}", 1_000)
    document = await points.shop.accounts.find_one({"_id": {"t": "shop", "a": "p_ann"}})
    assert document["pages"] >= 2
    assert len(document["entries"]) <= 32
    assert first == await points.earn("o-0", 10_000, request_id=request_id)
    assert "ALREADY_EARNED" == _name(await points.earn("o-0", 10_000))
    assert "ALREADY_SPENT" == _name(await points.hold("spent", 30))
    assert 30 == (await points.refund("spent")).points_refunded
    assert 100 == (await points.take_back("o-0")).points_taken
    assert 390 == (await points.balance()).available_points
    numbers = [entry.number for entry in await _entries(points)]
    assert list(range(1, len(numbers) + 1)) == numbers
    await points.sound()


@pytest.mark.parametrize(
    "damage",
    [
        {"$inc": {"available": 1}},
        {"$set": {"lots": [[4_000_000_000_000, 100_000]]}},
        {"$inc": {"owed": 5}},
        {"$set": {"tier": "gold"}},
        {"$inc": {"entries.1.amount": 1}},
        {"$pop": {"entries": 1}},
    ],
)
async def test_what_somebody_changed_by_hand_is_found(points: Any, damage: Any) -> None:
    """In the account's state and in its entries."""
    await points.earn("o-1", 10_000)
    await points.earn("o-2", 10_000)
    await points.shop.accounts.update_one({"_id": {"t": "shop", "a": "p_ann"}}, damage)
    assert 1 == (await points.shop.verify()).fault_count


async def test_bad_amounts_name_their_field(points: Any) -> None:
    """Another currency, less than nothing, and nothing where something has to come back."""
    dollars = type(won(1))(currency_code="USD", minor_units=1)
    wrong = [
        (points.earn("o-1", 1, net_amount=dollars), Code.CURRENCY_MISMATCH),
        (points.earn("o-1", -1), Code.FIELD_INVALID),
        (points.take_back("o-1", returned_amount=won(0)), Code.FIELD_INVALID),
        (points.hold("o-1", 0), Code.FIELD_INVALID),
    ]
    for call, code in wrong:
        with pytest.raises(RpcFailure) as refused:
            await call
        assert code is refused.value.code


async def test_the_trial_balance_covers_every_kind_of_account(points: Any) -> None:
    """One of each that moves something: books add up, and states say what entries say."""
    shop = points.shop
    await shop.add_offer()
    await shop.gift((await shop.issue()).coupon.coupon_id)
    await points.set_program()
    await points.earn("order-1", 100_000)
    await points.give(300)
    place = close(AccountKey("shop", "c_place"), "ben", "fixed", 1_000)
    budget = opened(AccountKey("shop", "b_1"), "spring", Measure.MONEY, 9_000, 1_000)
    await shop.parts.accounts.save([(None, place), (None, budget)])
    kinds = {kind.__struct_config__.tag for kind in get_args(AnyAccount)}
    assert kinds - NOTES == set(await shop.accounts.distinct("kind"))
    balance = await shop.balance()
    assert (0, 0) == (balance.difference, balance.disagreeing_books)
    books = {book.book: book.state_balance for book in balance.books}
    expected = {"escrow": 3_000, "points.available": 700, "points.escrow": 300}
    assert {**expected, "budget.money.free": 9_000} == {
        name: books[name] for name in (*expected, "budget.money.free")
    }
