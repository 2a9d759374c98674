"""Stores, surveys, figures and the day, as frontends ask for them."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dangol_dev.processes import free_port
from dangol_dev.stack import ISSUER
from dangol_service_kit.auth import Role, verifier_from_file
from dangol_service_kit.client import connect
from gateway_service.clients import Clients
from gateway_service.context import Context
from gateway_service.schema import make_schema
from gateway_service.tenants import TenantCache

from tests.integration.gateway.conftest import found_tenant

SEOUL = ZoneInfo("Asia/Seoul")


def _id() -> str:
    return str(uuid.uuid4())


def _texts(korean: str, english: str) -> list[dict[str, str]]:
    return [{"language": "ko", "text": korean}, {"language": "en", "text": english}]


async def _upsert(frontend: Any, *stores: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await frontend.change(
        "upsertStores",
        "... on UpsertStoresSuccess { results { outcome store { id displayName region zone } } }",
        requestId=_id(),
        stores=list(stores),
    )
    results: list[dict[str, Any]] = answer["results"]
    return results


async def test_stores_are_written_and_listed_by_region(frontend: Any) -> None:
    """Each by itself; archived ones leave the list and come back."""
    region = f"region-{_id()}"
    first, second = f"s-{_id()}", f"t-{_id()}"
    written = await _upsert(
        frontend,
        {"storeId": first, "region": region, "displayNames": _texts("강남점", "Gangnam")},
        {"storeId": second, "region": region, "zone": "east"},
    )
    assert [("CREATED", first, "강남점"), ("CREATED", second, second)] == [
        (one["outcome"], one["store"]["id"], one["store"]["displayName"]) for one in written
    ]
    query = "query($region: String) { stores(region: $region) { nodes { id zone } } }"
    listed = (await frontend.ask(query, region=region))["stores"]["nodes"]
    assert [first, second] == [one["id"] for one in listed]
    selection = "... on StoreSuccess { store { archived version } }"
    gone = await frontend.change("archiveStore", selection, requestId=_id(), storeId=first)
    assert {"archived": True, "version": 2} == gone["store"]
    assert [second] == [
        one["id"] for one in (await frontend.ask(query, region=region))["stores"]["nodes"]
    ]
    back = await frontend.change("restoreStore", selection, requestId=_id(), storeId=first)
    assert not back["store"]["archived"]
    missing = await frontend.change("archiveStore", selection, requestId=_id(), storeId="nowhere")
    assert "STORE_NOT_FOUND" == missing["code"]
    nothing = await frontend.ask('{ store(id: "nowhere") { id } }')
    assert nothing["store"] is None


async def _define(frontend: Any) -> str:
    survey_id = f"quiz-{uuid.uuid4().hex[:8]}"
    options = [
        {"optionId": "dry", "texts": _texts("건성", "Dry"), "productIds": ["cream"]},
        {"optionId": "oily", "texts": _texts("지성", "Oily"), "productIds": ["toner"]},
    ]
    answer = await frontend.change(
        "defineSurvey",
        "... on SurveySuccess { survey { id version questions { id kind options { id } } } }",
        requestId=_id(),
        surveyId=survey_id,
        titles=_texts("피부 퀴즈", "Skin quiz"),
        priority=1,
        questions=[
            {
                "questionId": "skin",
                "kind": "SINGLE_CHOICE",
                "texts": _texts("피부는?", "Your skin?"),
                "required": True,
                "field": "skin_type",
                "options": options,
            },
            {"questionId": "stars", "kind": "RATING", "texts": _texts("별점은?", "Stars?")},
        ],
    )
    assert {"id": survey_id, "version": 1} == {
        name: answer["survey"][name] for name in ("id", "version")
    }
    return survey_id


ANSWERED = """... on AnswerSurveySuccess { completed productIds missingQuestionIds customerId
    changes { segmentId } }"""
ASK = """query($id: ID!, $language: String, $respondent: IdentifierInput) {
    surveyFor(surveyId: $id, language: $language, respondent: $respondent) {
        id version title questions { id text options { text } } } }"""


async def test_a_quiz_s_answers_move_a_customer_between_segments_at_once(frontend: Any) -> None:
    """Asked in her language, answered with her own token; the rule holds with the answer."""
    survey_id = await _define(frontend)
    segment = f"dry-{uuid.uuid4().hex[:8]}"
    await frontend.create_segment(segment, 'field("skin_type") = "dry"')
    await frontend.settle()
    member = f"member-{_id()}"
    await frontend.buy(member)
    customer_id = await frontend.customer_id(member)
    token = frontend.token(Role.CUSTOMER, customer_id)
    served = (await frontend.ask(ASK, token, id=survey_id, language="en"))["surveyFor"]
    assert ("Skin quiz", ["Dry", "Oily"]) == (
        served["title"],
        [one["text"] for one in served["questions"][0]["options"]],
    )
    body = {
        "requestId": _id(),
        "surveyId": survey_id,
        "version": served["version"],
        "answers": [{"questionId": "skin", "optionIds": ["dry"]}],
    }
    query = f"""mutation($input: AnswerSurveyInput!) {{ answerSurvey(input: $input) {{
        __typename ... on Refused {{ code }} {ANSWERED} }} }}"""
    said = (await frontend.ask(query, token, input=body))["answerSurvey"]
    assert ["cream"] == said["productIds"]
    why = "query($c: ID!, $s: ID!) { explain(customerId: $c, segmentId: $s) { member } }"
    assert (await frontend.ask(why, c=customer_id, s=segment))["explain"]["member"]
    last = {**body, "requestId": _id(), "answers": [{"questionId": "stars", "rating": 5}]}
    done = (await frontend.ask(query, token, input={**last, "finish": True}))["answerSurvey"]
    assert (True, customer_id) == (done["completed"], done["customerId"])
    again = {**last, "requestId": _id()}
    refused = (await frontend.ask(query, token, input=again))["answerSurvey"]
    assert "ALREADY_COMPLETED" == refused["code"]
    funnel = """query($id: ID!) { survey(id: $id) { funnel { servedCount completedCount
        questions { questionId answeredCount options { optionId count } } } } }"""
    counted = (await frontend.ask(funnel, id=survey_id))["survey"]["funnel"]
    assert (1, 1) == (counted["servedCount"], counted["completedCount"])
    assert {"optionId": "dry", "count": 1} in counted["questions"][0]["options"]
    timeline = await frontend.ask(
        'query($id: ID!) { timeline(customerId: $id, types: ["survey"]) { nodes { rating } } }',
        id=customer_id,
    )
    assert [{"rating": 5}] == timeline["timeline"]["nodes"]


async def test_a_visitor_answers_under_her_device(frontend: Any) -> None:
    """And is told neither who she is nor what changed; anybody else's name is refused."""
    survey_id = await _define(frontend)
    visitor = frontend.token(Role.VISITOR)
    device = {"namespace": "device", "value": _id()}
    served = await frontend.ask(ASK, visitor, id=survey_id, respondent=device)
    assert survey_id == served["surveyFor"]["id"]
    query = """mutation($input: AnswerSurveyInput!) { answerSurvey(input: $input) { __typename
        ... on Refused { code field } ... on AnswerSurveySuccess { productIds customerId } } }"""
    body = {
        "requestId": _id(),
        "surveyId": survey_id,
        "version": 1,
        "answers": [{"questionId": "skin", "optionIds": ["oily"]}],
        "respondent": device,
    }
    said = (await frontend.ask(query, visitor, input=body))["answerSurvey"]
    assert (["toner"], None) == (said["productIds"], said["customerId"])
    other = {**body, "requestId": _id(), "respondent": {"namespace": "member", "value": "kim"}}
    refused = (await frontend.ask(query, visitor, input=other))["answerSurvey"]
    assert ("FIELD_INVALID", "respondent.namespace") == (refused["code"], refused["field"])


FIGURES = """query($scope: FigureScope!, $date: Date!, $ids: [ID!]) {
    storeFigures(scope: $scope, unit: DAY, firstDate: $date, lastDate: $date, scopeIds: $ids) {
        figures { scopeId date orderCount newCount revenue { minorUnits } } } }"""
TODAY = """query($storeId: ID) { today(storeId: $storeId) { date
    figures { scopeId orderCount revenue { minorUnits } }
    figuresWeekAgo { orderCount }
    missed { segmentId displayName customerCount measuredCount revenue { minorUnits } }
    revenueAtRisk { minorUnits currencyCode }
    dueTasks { id }
    actions { action segmentId count revenue { minorUnits } reasons { language text } } } }"""


@pytest.fixture
async def bazaar(frontend: Any) -> Any:
    """A frontend of a tenant of its own, whose day nobody else changes."""
    tenant_id = f"bazaar-{uuid.uuid4().hex[:8]}"
    await found_tenant(frontend.stack, tenant_id, "시장")
    return dataclasses.replace(frontend, tenant=tenant_id)


async def _day(frontend: Any) -> str:
    """Two customers of a store bought, and one of them gave one star; the store's id."""
    store = f"store-{uuid.uuid4().hex[:8]}"
    await _upsert(frontend, {"storeId": store, "region": "seoul"})
    await frontend.change(
        "installStarterSegments",
        "... on InstallStarterSegmentsSuccess { installed { id } }",
        requestId=_id(),
        starterIds=["two-stars-or-less", "five-visits-no-order"],
    )
    await frontend.settle()
    now = dt.datetime.now(dt.UTC).isoformat()
    for member, won in (("kim", 30_000), ("lee", 70_000)):
        amount = {"currencyCode": "KRW", "minorUnits": won}
        await frontend.buy(f"{store}-{member}", storeId=store, occurredAt=now, amount=amount)
    bad = {"type": "review", "rating": 1, "amount": None, "occurredAt": now}
    await frontend.buy(f"{store}-lee", **bad)
    return store


async def test_a_shop_owner_s_day_is_put_together(bazaar: Any) -> None:
    """Figures of the store, the missed by kind with what they bought, and what to do about it."""
    store = await _day(bazaar)
    figures = await bazaar.ask(
        FIGURES, scope="STORE", date=dt.datetime.now(SEOUL).date().isoformat(), ids=[store]
    )
    (row,) = figures["storeFigures"]["figures"]
    assert (2, 2, 100_000) == (row["orderCount"], row["newCount"], row["revenue"]["minorUnits"])
    today = (await bazaar.ask(TODAY, storeId=store))["today"]
    assert [{"scopeId": store, "orderCount": 2, "revenue": {"minorUnits": 100_000}}] == today[
        "figures"
    ]
    (missed,) = today["missed"]
    assert {
        "segmentId": "two-stars-or-less",
        "displayName": "별점 두 개 이하를 남긴 고객",
        "customerCount": 1,
        "measuredCount": 1,
        "revenue": {"minorUnits": 70_000},
    } == missed
    assert {"minorUnits": 70_000, "currencyCode": "KRW"} == today["revenueAtRisk"]
    (action,) = today["actions"]
    assert ("TALK", "two-stars-or-less", 1, 70_000) == (
        action["action"],
        action["segmentId"],
        action["count"],
        action["revenue"]["minorUnits"],
    )
    assert ["en", "ko"] == [one["language"] for one in action["reasons"]]
    assert [] == today["dueTasks"]


@pytest.fixture
async def halves(stack: Any) -> AsyncIterator[Any]:
    """Clients of the stack of which one service is not there."""
    opened = []

    def without(name: str) -> Clients:
        nobody = f"127.0.0.1:{free_port()}"
        targets = {one: stack.targets[one] for one in ("profile", "segmentation", "offers")}
        targets[name] = nobody
        clients = Clients({one: connect(target) for one, target in targets.items()})
        opened.append(clients)
        return clients

    yield without
    for clients in opened:
        await clients.close()


@pytest.mark.parametrize(
    ("down", "lost", "actions"),
    [
        ("segmentation", {"missed", "revenueAtRisk"}, []),
        ("offers", {"dueTasks"}, ["TALK"]),
    ],
)
async def test_a_service_that_is_down_takes_its_own_parts_alone(
    bazaar: Any, halves: Any, down: str, lost: set[str], actions: list[str]
) -> None:
    """The other parts are whole, what is lost is null with UNAVAILABLE, and actions go on."""
    store = await _day(bazaar)
    verifier = verifier_from_file(bazaar.stack.keys / "jwks.json", ISSUER, ISSUER)
    context = Context(halves(down), TenantCache(), verifier, verifier.verify(bazaar.token()))
    answer = await make_schema().execute(
        TODAY, variable_values={"storeId": store}, context_value=context
    )
    today = (answer.data or {})["today"]
    assert lost == {name for name, part in today.items() if part is None}
    assert {"UNAVAILABLE"} == {(one.extensions or {})["code"] for one in answer.errors or ()}
    assert 2 == today["figures"][0]["orderCount"]
    assert actions == [one["action"] for one in today["actions"]]
