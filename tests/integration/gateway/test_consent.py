"""Consent as frontends see it: given, withdrawn, looked up."""

import uuid
from typing import Any

from dangol_service_kit.auth import Role

SET = """... on SetConsentSuccess {
  customer { id consents { purpose channel } } changes { segmentId kind } changesPending }"""
LOG = """query($id: ID!, $first: Int, $after: String) { customer(id: $id) {
  consentLog(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { purpose channel granted decidedAt source notice actor recordedAt } } } }"""


async def _set(frontend: Any, customer_id: str, *entries: dict[str, Any], **more: Any) -> Any:
    given = {"requestId": str(uuid.uuid4()), "customerId": customer_id, "entries": entries}
    kind = "mutation($input: SetConsentInput!)"
    query = f"{kind} {{ setConsent(input: $input) {{ ... on Refused {{ code field }} {SET} }} }}"
    token = more.pop("token", None)
    return (await frontend.ask(query, token, input={**given, **more}))["setConsent"]


async def _new(frontend: Any, member: str) -> str:
    await frontend.buy(member)
    found: str = await frontend.customer_id(member)
    return found


EMAIL = {"channel": "email", "granted": True, "source": "sign-up form", "notice": "privacy-7"}


async def test_a_customer_gives_and_withdraws_consent(frontend: Any) -> None:
    """Marketing is the usual purpose; the log says when, where and by whom."""
    customer_id = await _new(frontend, "consenting")
    token = frontend.token(Role.CUSTOMER, customer_id)
    night = {**EMAIL, "purpose": "marketing_night", "decidedAt": "2026-01-02T03:04:05Z"}
    given = await _set(frontend, customer_id, EMAIL, night, token=token)
    assert given["customer"]["consents"] == [
        {"purpose": "marketing", "channel": "email"},
        {"purpose": "marketing_night", "channel": "email"},
    ]
    withdrawn = await _set(
        frontend, customer_id, {**EMAIL, "granted": False, "notice": None, "source": "call"}
    )
    assert withdrawn["customer"]["consents"] == [{"purpose": "marketing_night", "channel": "email"}]
    log = (await frontend.ask(LOG, token, id=customer_id))["customer"]["consentLog"]["nodes"]
    seen = [(one["purpose"], one["granted"], one["source"], one["notice"]) for one in log]
    assert seen == [
        ("marketing", False, "call", None),
        ("marketing", True, "sign-up form", "privacy-7"),
        ("marketing_night", True, "sign-up form", "privacy-7"),
    ]
    assert log[2]["decidedAt"] == "2026-01-02T03:04:05+00:00"
    assert log[1]["decidedAt"] == log[1]["recordedAt"]
    assert [one["actor"].split(":")[0] for one in log] == ["admin", "customer", "customer"]


async def test_a_log_is_walked_by_cursor(frontend: Any) -> None:
    """Every line is met once, the newest first."""
    customer_id = await _new(frontend, "walking")
    for channel in ("email", "sms", "push", "kakao", "phone"):
        await _set(frontend, customer_id, {**EMAIL, "channel": channel})
    seen: list[str] = []
    after = None
    more = True
    while more:
        data = await frontend.ask(LOG, id=customer_id, first=2, after=after)
        page = data["customer"]["consentLog"]
        seen += [one["channel"] for one in page["nodes"]]
        more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    assert seen == ["phone", "kakao", "push", "sms", "email"]


async def test_what_cannot_be_written_is_refused(frontend: Any) -> None:
    """With the field at fault; a request id with other content is one of them."""
    customer_id = await _new(frontend, "refused")
    request_id = str(uuid.uuid4())
    await _set(frontend, customer_id, EMAIL, requestId=request_id)
    ahead = {**EMAIL, "decidedAt": "2999-01-01T00:00:00Z"}
    for entries, more, code, field in (
        ([ahead], {}, "TIME_AHEAD", "entries[0].decide_time"),
        ([EMAIL, EMAIL], {}, "FIELD_INVALID", "entries[1]"),
        ([{**EMAIL, "granted": False}], {"requestId": request_id}, "REQUEST_CONFLICT", None),
        ([EMAIL], {"customerId": "u_nobody"}, "CUSTOMER_NOT_FOUND", None),
    ):
        refused = await _set(frontend, customer_id, *entries, **more)
        assert refused["code"] == code
        assert field in (None, refused["field"])


async def test_consent_is_the_customers_own_affair(frontend: Any) -> None:
    """Another customer sees and changes nothing, and a marketer does not write."""
    customer_id, other_id = await _new(frontend, "own"), await _new(frontend, "other")
    token = frontend.token(Role.CUSTOMER, other_id)
    assert (await _set(frontend, customer_id, EMAIL, token=token))["code"] == "CUSTOMER_NOT_FOUND"
    assert (await frontend.ask(LOG, token, id=customer_id))["customer"] is None
    query = "mutation($input: SetConsentInput!) { setConsent(input: $input) { __typename } }"
    given = {"requestId": str(uuid.uuid4()), "customerId": customer_id, "entries": [EMAIL]}
    answer = await frontend.run(query, frontend.token(Role.MARKETER), input=given)
    assert answer["errors"][0]["extensions"]["code"] == "ROLE_NOT_ALLOWED"


async def test_a_rule_over_consent_follows_at_once(frontend: Any) -> None:
    """The grant's own answer has the customer enter, the withdrawal's has her leave."""
    rule = 'consent.email and consent.profiling.push and count(purchase where store_id = "c") = 0'
    created = await frontend.create_segment("may-be-written-to", rule)
    assert created["__typename"] == "SegmentSuccess", created
    await frontend.settle()
    customer_id = await _new(frontend, "reachable")
    push = {**EMAIL, "purpose": "profiling", "channel": "push"}
    half = await _set(frontend, customer_id, EMAIL)
    entered = await _set(frontend, customer_id, push)
    left = await _set(frontend, customer_id, {**EMAIL, "granted": False})
    changes = [one["changes"] for one in (half, entered, left)]
    assert changes == [
        [],
        [{"segmentId": "may-be-written-to", "kind": "ENTERED"}],
        [{"segmentId": "may-be-written-to", "kind": "EXITED"}],
    ]
