"""Who may ask for what, question by question: made from the schema, asked of the real services."""

import dataclasses
import json
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from dangol_service_kit.auth import Role
from gateway_service.access import roles_of
from gateway_service.schema import make_schema
from graphql import GraphQLSchema

from tests.integration.gateway.access.questions import Question, Questions
from tests.integration.gateway.conftest import found_tenant

SCHEMA: GraphQLSchema = make_schema()._schema
# Tokens of services are none of the gateway's.
REFUSED = {"ROLE_NOT_ALLOWED", "TOKEN_INVALID"}


@dataclass
class Mina:
    """A customer with everything that one can have, and what nobody else may read."""

    known: dict[str, Any]
    canaries: tuple[str, ...]


@pytest.fixture(scope="module")
async def tenants(stack: Any) -> None:
    """Two of its own: what the questions change is not in the way of other tests."""
    await found_tenant(stack, "stall", "노점")
    await found_tenant(stack, "rival", "옆집")


@pytest.fixture
def stall(frontend: Any, tenants: None) -> Any:  # noqa: ARG001
    """A frontend of the stall."""
    return dataclasses.replace(frontend, tenant="stall")


@pytest.fixture
async def mina(stall: Any) -> Mina:
    """Bought, named, in a segment, with a coupon, and a second one on its way as a gift."""
    member = f"mina-{uuid.uuid4()}"
    tag, offer = f"tag-{uuid.uuid4().hex[:8]}", f"offer-{uuid.uuid4().hex[:8]}"
    await stall.buy(member)
    customer_id = await stall.customer_id(member)
    changes: dict[str, Any] = {"tags": [tag], "displayName": "Mina Canary", "version": 1}
    await _done(stall, "updateCustomer", customerId=customer_id, **changes)
    segment = f"buyers-{uuid.uuid4().hex[:8]}"
    await stall.create_segment(segment, "count(purchase, 30d) >= 1")
    await _done(
        stall,
        "createOffer",
        offerId=offer,
        benefit={"percentBasisPoints": 1000},
        validForSeconds=864000,
        giftable=True,
    )
    selection = "... on IssueCouponSuccess { coupon { id code } }"
    issued = [
        (await _done(stall, "issueCoupon", selection, offerId=offer, customerId=customer_id))[
            "coupon"
        ]
        for _ in range(2)
    ]
    gift = await _done(
        stall,
        "offerGift",
        "... on OfferGiftSuccess { token gift { id } }",
        couponId=issued[1]["id"],
        giverCustomerId=customer_id,
    )
    campaign = f"campaign-{uuid.uuid4().hex[:8]}"
    await _done(
        stall,
        "createCampaign",
        campaignId=campaign,
        conversionWindowSeconds=3600,
        segmentTrigger={"segmentId": segment},
        variants=[{"variantId": "ten", "weight": 1, "offerId": offer}],
    )
    token = stall.token(Role.CUSTOMER, customer_id)
    own = await stall.ask("query($id: ID!) { coupon(id: $id) { code } }", token, id=issued[0]["id"])
    code = own["coupon"]["code"]
    staff = f"staff-{uuid.uuid4().hex[:8]}"
    known = {
        **{"customerId": customer_id, "customer.id": customer_id, "tag": tag},
        **{"giverCustomerId": customer_id, "claimerCustomerId": customer_id},
        **{"value": member, "couponId": issued[0]["id"], "coupon.id": issued[0]["id"]},
        **{"couponByCode.code": code, "token": gift["token"], "giftId": gift["gift"]["id"]},
        **{"segmentId": segment, "segment.id": segment, "sourceSegmentId": segment},
        **{"segmentIds": [segment], "ids": [segment, segment], "offerId": offer},
        **{"staffId": staff, "SetStaffAllowanceInput.staffId": staff},
        **{"recipientCustomerId": customer_id},
        **{"offer.id": offer, "campaignId": campaign, "campaign.id": campaign},
    }
    return Mina(known, (customer_id, "Mina Canary", tag, issued[0]["id"], code, gift["gift"]["id"]))


async def _done(frontend: Any, name: str, selection: str = "", **given: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await frontend.change(
        name, selection, requestId=str(uuid.uuid4()), **given
    )
    assert not answer["__typename"].endswith("Refused"), answer
    return answer


def _strangers(known: dict[str, Any]) -> dict[str, Any]:
    """Ids of nothing, in the place of each of hers and of its shape."""
    changed = {
        value: f"{value[:-4]}{uuid.uuid4().hex[:4]}"
        for value in known.values()
        if isinstance(value, str)
    }
    return {
        name: [changed[item] for item in value] if isinstance(value, list) else changed[value]
        for name, value in known.items()
    }


def _allowed(question: Question, role: Role) -> bool:
    kind, name = question.name.split(".")
    root = SCHEMA.type_map[kind.title()]
    return role in roles_of(SCHEMA, root, name)  # type: ignore[arg-type]


async def _ask(frontend: Any, question: Question, token: str) -> dict[str, Any]:
    body = {"query": question.text, "variables": question.variables}
    response = await frontend.post(body, token, **{"content-type": "application/json"})
    answer: dict[str, Any] = response.json()
    return answer


def _codes(answer: dict[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answer.get("errors", [])}


def _plain(value: Any, known: dict[str, Any]) -> str:
    """An answer with the given ids taken out: what is left must be the same for all ids."""
    text = json.dumps(value, sort_keys=True)
    for one in sorted(map(str, known.values()), key=len, reverse=True):
        text = text.replace(one, "?")
    return text


async def test_each_role_may_ask_what_the_rules_say_and_nothing_else(
    stall: Any, mina: Mina
) -> None:
    """Refused by the gateway where the rule says so; where it allows, no service objects."""
    wrong = []
    for role in Role:
        subjects = {Role.CUSTOMER: mina.known["customerId"], Role.STAFF: mina.known["staffId"]}
        subject = subjects.get(role)
        token = stall.token(role, subject)
        for question in Questions(SCHEMA, mina.known | {"token": "of-nothing"}).all():
            if question.kind == "subscription":
                continue
            answer = await _ask(stall, question, token)
            refused = not REFUSED.isdisjoint(_codes(answer))
            if refused is _allowed(question, role):
                wrong.append((role.value, question.name, sorted(_codes(answer))))
    assert wrong == []


async def test_a_subscription_is_refused_to_whom_its_rule_leaves_out(
    stall: Any, mina: Mina
) -> None:
    """Over its own protocol, before anything is watched."""
    asked = [one for one in Questions(SCHEMA, mina.known).all() if one.kind == "subscription"]
    assert asked
    for question in asked:
        role = next(one for one in (Role.CUSTOMER, Role.MARKETER) if not _allowed(question, one))
        subject = mina.known["customerId"] if role is Role.CUSTOMER else None
        async with stall.websocket() as socket:
            await stall.greet(socket, {"token": stall.token(role, subject)})
            payload = {"query": question.text, "variables": question.variables}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            answer = json.loads(await socket.recv())
        assert answer["type"] == "error"
        assert [error["extensions"]["code"] for error in answer["payload"]] == ["ROLE_NOT_ALLOWED"]


async def test_a_customer_reads_nothing_of_another(stall: Any, mina: Mina) -> None:
    """Whatever is asked, with all of her ids but the secrets that are made to be passed on."""
    await stall.buy("nosy")
    token = stall.token(Role.CUSTOMER, await stall.customer_id("nosy"))
    guessed = mina.known | {"token": "of-nothing", "couponByCode.code": "of-nothing"}
    leaks = []
    for question in Questions(SCHEMA, guessed).all(deep=True):
        if question.kind != "query":
            continue
        answer = await _ask(stall, question, token)
        assert "QUERY_INVALID" not in _codes(answer), answer
        text = json.dumps(answer.get("data"), ensure_ascii=False)
        leaks += [(question.name, canary) for canary in mina.canaries if canary in text]
    assert leaks == []


async def test_she_reads_what_is_hers(stall: Any, mina: Mina) -> None:
    """The same questions, so that the ones above are known to find something."""
    token = stall.token(Role.CUSTOMER, mina.known["customerId"])
    seen = set()
    for question in Questions(SCHEMA, mina.known).all(deep=True):
        if question.kind == "query":
            answer = await _ask(stall, question, token)
            text = json.dumps(answer.get("data"), ensure_ascii=False)
            seen |= {canary for canary in mina.canaries if canary in text}
    assert seen == set(mina.canaries)


async def test_a_foreign_tenants_ids_look_like_nothing(stall: Any, mina: Mina) -> None:
    """An administrator next door gets for her ids what ids of nothing get, word for word."""
    token = stall.stack.token("rival", Role.ADMIN)
    strangers = _strangers(mina.known)
    differences = []
    for with_hers, with_none in zip(
        Questions(SCHEMA, mina.known).all(deep=True),
        Questions(SCHEMA, strangers).all(deep=True),
        strict=True,
    ):
        if with_hers.kind == "subscription" or not with_hers.uses_ids:
            continue
        hers = await _ask(stall, with_hers, token)
        none = await _ask(stall, with_none, token)
        if _plain(hers, mina.known) != _plain(none, strangers):
            differences.append((with_hers.name, hers, none))
    assert differences == []
