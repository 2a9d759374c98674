"""Discounts that staff give in the store and customers claim online, over the wire."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from dangol.events.v1.event_pb2 import CustomerRef
from dangol.offers.v1 import coupon_service_pb2 as coupon_pb
from dangol.offers.v1 import gift_service_pb2 as gift_pb
from dangol.offers.v1 import staff_discount_service_pb2 as pb
from dangol.offers.v1.staff_discount_service_pb2_grpc import StaffDiscountServiceStub
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import RpcFailure
from offers_service.commit import GroupCommit, OutcomeUnknownError
from offers_service.coupon_account import AccountKey
from offers_service.journal import Request
from offers_service.service_followers import GiftFollower
from offers_service.service_ledger import CouponLedger
from offers_service.service_staff import Claiming, StaffDesk
from offers_service.store_accounts import AnyAccount
from offers_service.store_audit import AuditStore
from offers_service.store_staff import StaffStore

from tests.integration.offers.ledger.conftest import new_id, won
from tests.integration.offers.machine.faulty import Fate, FaultyAccounts

CARD = ("pos_card", "4711")


class Staff:
    """sue gives in gangnam, at most 5,000 won at once, 12,000 a day and 20,000 a month."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.stub = StaffDiscountServiceStub(shop.channel)
        self.sue = shop.token(Role.STAFF, "sue")
        self.admin = shop.token(Role.ADMIN)

    async def allow(self, token: str = "", **changed: Any) -> Any:
        """For everybody unless said otherwise."""
        allowance = pb.StaffAllowance(
            offer_id="fixed", once_max=won(5_000), day_max=won(12_000), month_max=won(20_000)
        )
        wanted = {"request_id": new_id(), "allowance": allowance, **changed}
        request = pb.SetStaffAllowanceRequest(**wanted)
        return await self.shop.send(self.stub.SetStaffAllowance, request, token or self.admin)

    async def give(
        self, amount: int, *names: tuple[str, str], token: str = "", request_id: str = ""
    ) -> Any:
        """To whoever these identifiers are."""
        refs = [CustomerRef(namespace=namespace, value=value) for namespace, value in names]
        request = pb.GiveStaffDiscountRequest(
            request_id=request_id or new_id(),
            amount=won(amount),
            store_id="gangnam",
            identifiers=refs,
        )
        return await self.shop.send(self.stub.GiveStaffDiscount, request, token or self.sue)

    async def claim(self, code: str, customer_id: str = "", token: str = "", **wanted: Any) -> Any:
        """By a member, or by somebody who signs up."""
        wanted = {"request_id": new_id(), "code": code, "customer_id": customer_id, **wanted}
        request = pb.ClaimStaffDiscountRequest(**wanted)
        return await self.shop.send(self.stub.ClaimStaffDiscount, request, token)

    async def cancel(self, discount_id: str, token: str = "") -> Any:
        """By sue."""
        request = pb.CancelStaffDiscountRequest(request_id=new_id(), discount_id=discount_id)
        return await self.shop.send(self.stub.CancelStaffDiscount, request, token or self.sue)

    async def report(self, token: str = "") -> dict[str, Any]:
        """Figures by member of staff."""
        request = pb.ReportStaffDiscountsRequest()
        answer = await self.shop.send(self.stub.ReportStaffDiscounts, request, token or self.admin)
        return {one.staff_id: one for one in answer.staff}

    async def spent(self, token: str = "", staff_id: str = "sue") -> tuple[int, int]:
        """Of the day and of the month."""
        request = pb.GetStaffAllowanceRequest(staff_id=staff_id)
        answer = await self.shop.send(self.stub.GetStaffAllowance, request, token or self.sue)
        return answer.day_spent.minor_units, answer.month_spent.minor_units

    async def wallet(self, owner: str) -> list[Any]:
        """Coupons of a customer."""
        request = coupon_pb.ListWalletRequest(customer_id=owner)
        return list((await self.shop.send(self.shop.coupons.ListWallet, request)).coupons)


def _name(answer: Any) -> str:
    name: str = pb.StaffDiscountOutcome.Name(answer.outcome)
    return name.removeprefix("STAFF_DISCOUNT_OUTCOME_")


@pytest.fixture
async def staff(shop: Any) -> Staff:
    """A shop whose staff may give discounts."""
    made = Staff(shop)
    await shop.add_offer()
    await made.allow()
    return made


async def test_a_claim_links_the_customer_in_the_store(staff: Staff) -> None:
    """Who had only a loyalty card is the member from then on, with a coupon of that amount; what
    the journal says names whoever gave it."""
    given = await staff.give(4_000, CARD)
    visitor = given.discount.store_customer_id
    assert ("APPLIED", "sue", "gangnam", True) == (
        _name(given),
        given.discount.staff_id,
        given.discount.store_id,
        visitor in staff.shop.people.visitors,
    )
    claimed = await staff.claim(given.code.lower(), "nora", staff.shop.token(Role.CUSTOMER, "nora"))
    assert ("APPLIED", "nora", True, "") == (
        _name(claimed),
        claimed.discount.claimer_customer_id,
        claimed.discount.linked,
        claimed.discount.store_customer_id,
    )
    assert "nora" == staff.shop.people.merged[visitor]
    [coupon] = await staff.wallet("nora")
    assert claimed.discount.coupon_id == coupon.coupon_id
    await staff.shop.hold(coupon.coupon_id, customer_id="nora")
    redeemed = await staff.shop.redeem(coupon.coupon_id)
    assert 4_000 == redeemed.coupon.redeemed_amount.minor_units
    issued = (await staff.shop.accounts.find_one({"_id.a": coupon.coupon_id}))["entries"][0]
    assert "staff:sue" == issued["actor"]
    assert 0 == (await staff.shop.verify()).fault_count
    assert (0, 0) == ((b := await staff.shop.balance()).difference, b.disagreeing_books)


async def test_who_signs_up_in_the_claim_becomes_a_member(staff: Staff) -> None:
    """With a repeat that changes nothing; a second claimer, another member's card and wrong codes
    have their own answers."""
    given = await staff.give(4_000, CARD)
    sign_up = gift_pb.SignUp(identifiers=[CustomerRef(namespace="member", value="m1")])
    request_id = new_id()
    first = await staff.claim(given.code, sign_up=sign_up, request_id=request_id)
    assert first == await staff.claim(given.code, sign_up=sign_up, request_id=request_id)
    assert ("APPLIED", True) == (_name(first), first.discount.linked)
    member = first.discount.claimer_customer_id
    assert 1 == len(await staff.wallet(member))
    other = await staff.give(1_000, CARD)
    assert ["ALREADY_CLAIMED", "OTHER_CUSTOMER", "NOT_A_MEMBER", "NOT_FOUND", "APPLIED"] == [
        _name(await staff.claim(given.code, "bob")),
        _name(await staff.claim(other.code, "bob")),
        _name(await staff.claim(other.code, "vera")),
        _name(await staff.claim("0000-0000-0000", "bob")),
        _name(await staff.claim(other.code, member)),
    ]
    assert 2 == len(await staff.wallet(member))


async def test_an_allowance_holds_under_any_race(staff: Staff) -> None:
    """Twenty at once, each sent twice: as many as the day allows, each one discount."""
    ids = [new_id() for _ in range(20)]
    answers = await asyncio.gather(*[staff.give(4_000, request_id=one) for one in ids * 2])
    assert {"APPLIED": 6, "DAY_SPENT": 34} == Counter(_name(one) for one in answers)
    assert 3 == len({one.code for one in answers if one.code})
    assert (12_000, 12_000) == await staff.spent()
    assert "ABOVE_ONCE" == _name(await staff.give(5_001))
    taken = next(one for one in answers if one.code)
    assert "APPLIED" == _name(await staff.cancel(taken.discount.discount_id))
    assert (8_000, 8_000) == await staff.spent()
    assert "CANCELLED" == _name(await staff.claim(taken.code, "bob"))
    assert "APPLIED" == _name(await staff.give(3_000))
    assert 0 == (await staff.shop.verify()).fault_count


async def test_one_of_many_claimers_wins(staff: Staff) -> None:
    """Against the member of staff who takes it back, too: one end, one coupon at most."""
    for number in range(4):
        given = await staff.give(1_000, ("pos_card", str(number)))
        claimers = [f"member-{number}-{n}" for n in range(6)]
        answers = await asyncio.gather(
            *[staff.claim(given.code, one) for one in claimers],
            staff.cancel(given.discount.discount_id),
        )
        assert 1 == [_name(one) for one in answers].count("APPLIED")
        wallets = [await staff.wallet(one) for one in claimers]
        claimed = "APPLIED" in [_name(one) for one in answers[:-1]]
        assert int(claimed) == sum(map(len, wallets))


async def test_every_crash_of_a_claim_is_finished_once(staff: Staff) -> None:
    """After any write of it the process is gone: the repeat, or the relay, links and issues."""
    base, parts = staff.shop.parts.base, staff.shop.parts.all
    accounts = FaultyAccounts(base.database)
    group: GroupCommit[AnyAccount] = GroupCommit(accounts)
    ledger = CouponLedger(
        accounts=accounts,
        group=group,
        offers=parts.offers,
        audit=AuditStore(base.mongodb, base.database),
        follower=GiftFollower(group, parts.keyring),
        secrets_of=parts.keyring,
        ancestry=parts.lineage,
    )
    desk = StaffDesk(
        accounts=accounts,
        group=group,
        store=StaffStore(base.database),
        offers=parts.offers,
        ledger=ledger,
        people=parts.people,
        sign_ups=parts.people,
        directory=base.directory,
        secrets_of=parts.keyring,
    )
    for number in range(6):
        given = await staff.give(1_000, ("pos_card", str(number)))
        key = AccountKey("shop", given.discount.discount_id)
        request = Request(f"c-{number}", "partner:till", b"")
        now_ms = given.discount.give_time.ToMilliseconds() + 1
        claiming = Claiming(request, f"member-{number}", (), now_ms)
        fate = (Fate.NOT_SENT, Fate.ANSWER_LOST)[number % 2]
        accounts.fates.extend([Fate.DONE] * (number // 2) + [fate])
        with pytest.raises(OutcomeUnknownError):
            await desk.claim("shop", given.code, claiming)
        if number:
            await desk.follow("shop", key.a, [{}])
        if not number:
            await desk.claim("shop", given.code, claiming)
        account: Any = await accounts.get(key)
        assert ("claimed", "linked") == (account.state, account.link)
        assert [account.coupon] == [one.coupon_id for one in await staff.wallet(account.claimer)]
    assert 0 == (await staff.shop.verify()).fault_count


async def test_what_became_of_them_is_reported_by_member_of_staff(staff: Staff) -> None:
    """Given, claimed, linked, taken back, used; an allowance of one's own goes before."""
    wanted = pb.StaffAllowance(
        offer_id="fixed", once_max=won(9_000), day_max=won(9_000), month_max=won(9_000)
    )
    await staff.allow(staff_id="tom", allowance=wanted)
    tom = staff.shop.token(Role.STAFF, "tom")
    first = await staff.give(2_000, CARD)
    second = await staff.give(3_000)
    third = await staff.give(1_000)
    large = await staff.give(9_000, token=tom)
    for one, member in ((first, "nora"), (second, "olga"), (large, "paul")):
        assert "APPLIED" == _name(await staff.claim(one.code, member))
    await staff.cancel(third.discount.discount_id)
    [coupon] = await staff.wallet("nora")
    await staff.shop.hold(coupon.coupon_id, customer_id="nora")
    await staff.shop.redeem(coupon.coupon_id)
    found = await staff.report()
    assert ["sue", "tom"] == list(found)
    sue = found["sue"]
    assert (3, 6_000, 2, 1, 1, 0, 1, 2_000) == (
        sue.given_count,
        sue.given.minor_units,
        sue.claimed_count,
        sue.linked_count,
        sue.cancelled_count,
        sue.expired_count,
        sue.redeemed_count,
        sue.redeemed.minor_units,
    )
    assert (1, 9_000, 0) == (
        found["tom"].given_count,
        found["tom"].given.minor_units,
        found["tom"].redeemed_count,
    )
    asked = pb.ReportStaffDiscountsRequest(page_size=1)
    pages = []
    for _ in range(2):
        pages.append(await staff.shop.send(staff.stub.ReportStaffDiscounts, asked, staff.admin))
        asked.page_token = pages[-1].next_page_token
    assert [found["sue"], found["tom"]] == [page.staff[0] for page in pages]
    assert ["sue", ""] == [page.next_page_token for page in pages]
    request = pb.ListStaffDiscountsRequest(staff_id="sue", page_size=2)
    page = await staff.shop.send(staff.stub.ListStaffDiscounts, request, staff.sue)
    request.page_token = page.next_page_token
    rest = await staff.shop.send(staff.stub.ListStaffDiscounts, request, staff.sue)
    assert (2, 1, "") == (len(page.discounts), len(rest.discounts), rest.next_page_token)


async def test_roles_and_tenants_are_kept_apart(staff: Staff) -> None:
    """Staff give in their own stores and see their own; customers claim for themselves; another
    tenant finds nothing."""
    shop, given = staff.shop, await staff.give(1_000)
    for role in (Role.CUSTOMER, Role.VISITOR, Role.PARTNER, Role.ADMIN):
        with pytest.raises(RpcFailure):
            await staff.give(1_000, token=shop.token(role))
    tom = shop.token(Role.STAFF, "tom")
    assert "NOT_FOUND" == _name(await staff.cancel(given.discount.discount_id, tom))
    with pytest.raises(RpcFailure, match="their own only"):
        await staff.spent(tom)
    with pytest.raises(RpcFailure):
        await staff.allow(staff.sue)
    with pytest.raises(RpcFailure):
        await staff.report(staff.sue)
    with pytest.raises(RpcFailure, match="themselves only"):
        await staff.claim(given.code, "nora", shop.token(Role.CUSTOMER, "bob"))
    sign_up = gift_pb.SignUp(identifiers=[CustomerRef(namespace="member", value="m1")])
    with pytest.raises(RpcFailure):
        await staff.claim(given.code, token=shop.token(Role.CUSTOMER, "bob"), sign_up=sign_up)
    elsewhere = shop.token(Role.PARTNER, "till", "other")
    assert "NOT_FOUND" == _name(await staff.claim(given.code, "nora", elsewhere))
    foreign = shop.token(Role.STAFF, "sue", "other")
    assert "NO_ALLOWANCE" == _name(await staff.give(1_000, token=foreign))
    assert "NOT_FOUND" == _name(await staff.cancel(given.discount.discount_id, foreign))
    assert {} == await staff.report(shop.token(Role.ADMIN, tenant="other"))
    with pytest.raises(RpcFailure, match="read it again"):
        await staff.allow(expected_version=7)


async def test_a_month_s_amount_a_used_id_and_two_members_at_once(staff: Staff) -> None:
    """What is beyond the month is refused on a day that has room; one id means one discount; two
    members' identifiers are nobody who could sign up."""
    allowance = pb.StaffAllowance(
        offer_id="fixed", once_max=won(5_000), day_max=won(9_000), month_max=won(6_000)
    )
    await staff.allow(allowance=allowance, expected_version=1)
    request_id = new_id()
    given = await staff.give(5_000, CARD, request_id=request_id)
    assert pb.STAFF_DISCOUNT_OUTCOME_APPLIED == given.outcome
    other = await staff.give(4_000, CARD, request_id=request_id)
    assert pb.STAFF_DISCOUNT_OUTCOME_REQUEST_CONFLICT == other.outcome
    assert pb.STAFF_DISCOUNT_OUTCOME_MONTH_SPENT == (await staff.give(2_000)).outcome
    staff.shop.people.owners |= {("member", "bob"): "bob", ("device", "anns-phone"): "ann"}
    refs = [
        CustomerRef(namespace="member", value="bob"),
        CustomerRef(namespace="device", value="anns-phone"),
    ]
    both = await staff.claim(given.code, sign_up=gift_pb.SignUp(identifiers=refs))
    assert pb.STAFF_DISCOUNT_OUTCOME_SIGN_UP_CONFLICT == both.outcome
