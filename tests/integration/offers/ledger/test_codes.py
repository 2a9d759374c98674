"""Batches of codes: made once, shown once, claimed once."""

import asyncio
import math
import re
import time
from itertools import pairwise
from typing import Any

import grpc
import pytest
from dangol.offers.v1 import code_service_pb2 as pb
from dangol.offers.v1.code_service_pb2_grpc import CodeServiceStub
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure, from_rpc_error
from google.protobuf.timestamp_pb2 import Timestamp
from offers_service.budgets import Terms
from offers_service.campaigns import Campaign, CampaignState
from offers_service.code_account import CodeOutcome
from offers_service.journal import Request
from offers_service.rpc_code_parts import CodeParts
from offers_service.store_campaigns import CampaignStore

from tests.integration.offers.ledger.conftest import new_id

COUNT = 7_500
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


async def _stream(shop: Any, method: Any, request: Any, role: Role = Role.ADMIN) -> list[Any]:
    metadata = (("authorization", f"Bearer {shop.token(role)}"),)
    try:
        return [answer async for answer in method(request, metadata=metadata)]
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error) from None


async def _make(shop: Any, request_id: str = "", count: int = COUNT, **changed: Any) -> list[Any]:
    request = pb.IssueCodesRequest(
        request_id=request_id or new_id(), offer_id="fixed", count=count, **changed
    )
    return await _stream(shop, CodeServiceStub(shop.channel).IssueCodes, request)


async def _export(shop: Any, batch_id: str, request_id: str = "") -> list[str]:
    request = pb.ExportCodesRequest(request_id=request_id or new_id(), batch_id=batch_id)
    pieces = await _stream(shop, CodeServiceStub(shop.channel).ExportCodes, request)
    return b"".join([piece.data for piece in pieces]).decode().splitlines()


async def _codes(shop: Any, count: int, **changed: Any) -> list[str]:
    made = await _make(shop, count=count, **changed)
    return (await _export(shop, made[-1].batch_id))[1:]


async def _claim(shop: Any, code: str, customer: str = "bob", **changed: Any) -> Any:
    request = pb.ClaimCodeRequest(
        request_id=changed.pop("request_id", "") or new_id(), code=code, customer_id=customer
    )
    token = shop.token(Role.CUSTOMER, customer)
    return await shop.send(CodeServiceStub(shop.channel).ClaimCode, request, token)


def _name(answer: Any) -> str:
    return pb.CodeOutcome.Name(answer.outcome).removeprefix("CODE_OUTCOME_")


def _bits(code: str) -> int:
    number = 0
    for letter in code.replace("-", ""):
        number = number << 5 | _LETTERS.index(letter)
    return number


def _assert_random(codes: list[str]) -> None:
    """Every one of 80 bits is set in half of them, and in half of what two in a row have apart:
    within seven standard deviations, which chance leaves once in billions of runs."""
    numbers = [_bits(code) for code in codes]
    apart = [one ^ other for one, other in pairwise(numbers)]
    for values in (numbers, apart):
        allowed = 7 * math.sqrt(len(values)) / 2
        for bit in range(80):
            ones = sum(value >> bit & 1 for value in values)
            assert abs(ones - len(values) / 2) < allowed, bit


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(COUNT, id="7500"),
        pytest.param(100_000, id="100000", marks=[pytest.mark.deep, pytest.mark.timeout(900)]),
    ],
)
async def test_a_batch_is_made_with_progress_and_shown_once(shop: Any, count: int) -> None:
    """In one call; every code another one of 80 bits that say nothing of the next, none stored as
    it is; the ledger verifies them all."""
    await shop.add_offer()
    request_id, export_id = new_id(), new_id()
    made = await _make(shop, request_id, count)
    counts = [answer.made_count for answer in made]
    steps = [*range(3_000, count, 3_000), count, count]
    assert (steps, [False] * (len(steps) - 1) + [True]) == (
        counts,
        [answer.done for answer in made],
    )
    again = await _make(shop, request_id, count)
    assert [made[-1]] == again
    head, *codes = await _export(shop, made[-1].batch_id, export_id)
    assert ("code", count) == (head, len(set(codes)))
    assert all(
        re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", one) for one in codes
    )
    _assert_random(codes)
    assert [head, *codes] == await _export(shop, made[-1].batch_id, export_id)
    with pytest.raises(RpcFailure) as refused:
        await _export(shop, made[-1].batch_id)
    assert Code.CODES_NOT_EXPORTABLE is refused.value.code
    stored = str(await shop.accounts.find_one({"kind": "code"}))
    assert [] == [code for code in codes if code in stored]
    verdict = await shop.verify()
    assert (count, 0) == (verdict.accounts_checked, verdict.fault_count)
    balance = await shop.balance()
    assert (0, 0) == (balance.difference, balance.disagreeing_books)


async def test_a_batch_that_was_cut_short_goes_on(shop: Any) -> None:
    """The caller hung up after the first answer, and two replicas finish it at once."""
    await shop.add_offer()
    request = pb.IssueCodesRequest(request_id=new_id(), offer_id="fixed", count=COUNT)
    metadata = (("authorization", f"Bearer {shop.token(Role.ADMIN)}"),)
    call = CodeServiceStub(shop.channel).IssueCodes(request, metadata=metadata)
    assert 3_000 == (await anext(aiter(call))).made_count
    call.cancel()
    finished = await asyncio.gather(*[_make(shop, request.request_id) for _ in range(2)])
    assert [COUNT, COUNT] == [answers[-1].made_count for answers in finished]
    assert COUNT == await shop.accounts.count_documents({"kind": "code"})
    assert 0 == (await shop.verify()).fault_count
    with pytest.raises(RpcFailure) as refused:
        await _make(shop, request.request_id, campaign_id="other")
    assert Code.REQUEST_CONFLICT is refused.value.code


async def test_sixty_four_claims_of_one_code_give_one_coupon(shop: Any) -> None:
    """Whoever was first has it, however it was typed, and a repeat is answered alike."""
    await shop.add_offer()
    (code,) = await _codes(shop, 1)
    typed = code.lower().replace("-", " ")
    answers = await asyncio.gather(
        *[_claim(shop, typed, f"customer-{number}") for number in range(64)]
    )
    names = [_name(answer) for answer in answers]
    assert (1, 63) == (names.count("APPLIED"), names.count("ALREADY_CLAIMED"))
    assert 1 == await shop.accounts.count_documents({"kind": "coupon"})
    assert 0 == (await shop.verify()).fault_count


async def test_a_claim_is_one_effect_a_request(shop: Any) -> None:
    """The same again is the same coupon; other content under its id is refused."""
    await shop.add_offer()
    code, other = await _codes(shop, 2)
    request_id = new_id()
    first = await _claim(shop, code, request_id=request_id)
    repeated = [await _claim(shop, code, request_id=request_id) for _ in range(3)]
    assert {"APPLIED"} == {_name(first), *map(_name, repeated)}
    assert {first.coupon.coupon_id} == {answer.coupon.coupon_id for answer in repeated}
    assert "bob" == first.coupon.customer_id
    own = await _claim(shop, code)
    assert ("ALREADY_CLAIMED", first.coupon.coupon_id) == (_name(own), own.coupon.coupon_id)
    assert "APPLIED" == _name(await _claim(shop, other))


async def test_a_refused_coupon_leaves_the_code_good(shop: Any) -> None:
    """Who has had all that the offer allows is refused; somebody else can use the code."""
    await shop.add_offer(per_customer_limit=1)
    first, second = await _codes(shop, 2)
    assert "APPLIED" == _name(await _claim(shop, first))
    assert "CUSTOMER_LIMIT_REACHED" == _name(await _claim(shop, second))
    assert "APPLIED" == _name(await _claim(shop, second, "cho"))
    assert 0 == (await shop.verify()).fault_count


async def test_codes_that_come_too_late_and_requests_under_a_used_id(shop: Any) -> None:
    """A code whose time is over, one whose offer has ended meanwhile, and an id that was used for
    another customer's claim: each has its own outcome, and nobody gets a coupon."""
    now_s = int(time.time())
    ends, until = Timestamp(seconds=now_s + 3_600), Timestamp(seconds=now_s + 1_800)
    await shop.add_offer(valid_for_seconds=0, valid_until=ends)
    [used, ended] = await _codes(shop, 2)
    [late] = await _codes(shop, 1, claim_until=until)
    stub, partner = CodeServiceStub(shop.channel), shop.token(Role.PARTNER)
    request = pb.ClaimCodeRequest(request_id=new_id(), code=used, customer_id="cho")
    first = await shop.send(stub.ClaimCode, request, partner)
    request.customer_id = "dan"
    other = await shop.send(stub.ClaimCode, request, partner)
    applied, conflict = pb.CODE_OUTCOME_APPLIED, pb.CODE_OUTCOME_REQUEST_CONFLICT
    assert [applied, conflict] == [first.outcome, other.outcome]
    desk = CodeParts(shop.parts.base, shop.parts.all).desk
    outcomes = [
        (await desk.claim("shop", code, "eve", Request(code, "partner:till", b"p"), at_ms)).outcome
        for code, at_ms in ((late, now_s * 1000 + 1_800_000), (ended, now_s * 1000 + 3_600_000))
    ]
    assert [CodeOutcome.EXPIRED, CodeOutcome.OFFER_ENDED] == outcomes


async def test_codes_of_a_campaign_give_no_more_coupons_than_its_budget(shop: Any) -> None:
    """Twenty codes at once for eight coupons: twelve are told so and stay good, and the next
    campaign's are another matter."""
    await shop.add_offer()
    await CampaignStore(shop.parts.base.database).create(_campaign(8), "made")
    codes = await _codes(shop, 20, campaign_id="spring")
    answers = await asyncio.gather(
        *[_claim(shop, code, f"customer-{number}") for number, code in enumerate(codes)]
    )
    names = [_name(answer) for answer in answers]
    assert (8, 12) == (names.count("APPLIED"), names.count("BUDGET_EXHAUSTED"))
    assert all(answer.HasField("coupon") == (_name(answer) == "APPLIED") for answer in answers)
    refused = names.index("BUDGET_EXHAUSTED")
    for customer in (f"customer-{refused}", "somebody-else"):
        assert "BUDGET_EXHAUSTED" == _name(await _claim(shop, codes[refused], customer))
    assert 8 == await shop.accounts.count_documents({"kind": "coupon"})
    assert 0 == (await shop.verify()).fault_count
    balance = await shop.balance()
    assert (0, 0) == (balance.difference, balance.disagreeing_books)


def _campaign(coupons: int) -> Campaign:
    return Campaign(
        tenant_id="shop",
        campaign_id="spring",
        display_names=(),
        trigger=None,
        control_basis_points=0,
        variants=(),
        conversion_window_ms=1,
        state=CampaignState.RUNNING,
        created_at_ms=1_700_000_000_000,
        budget=Terms(coupons=coupons),
    )


async def test_codes_are_not_guessed_nor_seen_by_others(shop: Any) -> None:
    """Wrong ones are counted; other roles make and export none; other tenants have none."""
    await shop.add_offer()
    (code,) = await _codes(shop, 1)
    wrong = [await _claim(shop, f"0000-0000-0000-{number:04}", "eve") for number in range(11)]
    assert ["NOT_FOUND"] * 10 + ["TOO_MANY_TRIES"] == [_name(answer) for answer in wrong]
    assert "TOO_MANY_TRIES" == _name(await _claim(shop, code, "eve"))
    for role in (Role.CUSTOMER, Role.PARTNER, Role.STAFF, Role.VISITOR):
        request = pb.IssueCodesRequest(request_id=new_id(), offer_id="fixed", count=1)
        with pytest.raises(RpcFailure) as refused:
            await _stream(shop, CodeServiceStub(shop.channel).IssueCodes, request, role)
        assert Code.ROLE_NOT_ALLOWED is refused.value.code
    token = shop.token(Role.CUSTOMER, "bob", "other")
    foreign = pb.ClaimCodeRequest(request_id=new_id(), code=code, customer_id="bob")
    answer = await shop.send(CodeServiceStub(shop.channel).ClaimCode, foreign, token)
    assert "NOT_FOUND" == _name(answer)
