"""What marketers do through GraphQL: campaigns, the calendar, tasks, messages, the ledger."""

import asyncio
from typing import Any

from dangol_service_kit.auth import Role

from tests.integration.gateway.areas import (
    coupon,
    done,
    korean,
    member,
    new_id,
    offer,
    refused,
    won,
)


def _name(kind: str) -> str:
    return f"{kind}-{new_id()[:8]}"


async def test_every_trigger_is_created_and_read(frontend: Any) -> None:
    """One campaign for each kind; what was sent comes back as its own type."""
    offer_id = await offer(frontend)
    segment = _name("regulars")
    await frontend.create_segment(segment, "count(purchase) >= 3")
    triggers = [
        ({"segment": {"segmentId": segment, "delaySeconds": 60}}, "SegmentTrigger"),
        ({"event": {"eventType": "visit", "afterSeconds": 7776000}}, "EventTrigger"),
        ({"birthday": {"daysBefore": 7}}, "BirthdayTrigger"),
        ({"tier": {"tierId": "gold"}}, "TierTrigger"),
        ({"product": {"news": "PRICE_DROPPED", "categories": ["shoes"]}}, "ProductTrigger"),
        ({"date": {"segmentId": segment, "yearly": "11-11", "minuteOfDay": 600}}, "DateTrigger"),
        (
            {"couponEnding": {"offerId": offer_id, "validDays": 30, "daysBefore": 5}},
            "CouponEndingTrigger",
        ),
    ]
    query = """query($id: ID!) { campaign(id: $id) { state customerCap trigger { __typename
      ... on DateTrigger { yearly minuteOfDay holidayId }
      ... on ProductTrigger { news categories }
      ... on EventTrigger { eventType afterSeconds } } } }"""
    for trigger, expected in triggers:
        name = _name("campaign")
        await done(
            frontend,
            "createCampaign",
            campaignId=name,
            conversionWindowSeconds=86400,
            trigger=trigger,
            variants=[{"variantId": "ten", "offerId": offer_id}],
            customerCap=2,
        )
        found = (await frontend.ask(query, id=name))["campaign"]
        assert (found["state"], found["customerCap"]) == ("DRAFT", 2)
        assert found["trigger"].pop("__typename") == expected
    wrong = {"date": {"segmentId": segment, "yearly": "11-11", "holidayId": "seollal"}}
    answer = await frontend.run(
        "mutation($input: CreateCampaignInput!) { createCampaign(input: $input) { __typename } }",
        input={
            "requestId": new_id(),
            "campaignId": _name("campaign"),
            "conversionWindowSeconds": 60,
            "trigger": wrong,
        },
    )
    assert answer["errors"][0]["extensions"]["code"] == "FIELD_INVALID"


async def test_a_list_is_enrolled_within_a_budget_and_reported(frontend: Any) -> None:
    """Arms, coupons and tasks; the budget counts; the report and the holdout's are by arm."""
    offer_id = await offer(frontend)
    campaign = _name("list")
    task = {"titles": korean("전화하기"), "dueSeconds": 3600, "storeId": "gangnam"}
    await done(
        frontend,
        "createCampaign",
        campaignId=campaign,
        conversionWindowSeconds=86400,
        couponBudget=100,
        variants=[{"variantId": "both", "offerId": offer_id, "task": task}],
    )
    await done(frontend, "launchCampaign", campaignId=campaign)
    customers = [await member(frontend) for _ in range(3)]
    selection = "... on EnrolCustomersSuccess { enrolledCount }"
    given: dict[str, Any] = {"campaignId": campaign, "customerIds": customers}
    enrolled = await done(frontend, "enrolCustomers", selection, **given)
    assert enrolled["enrolledCount"] == 3
    query = """query($id: ID!) { campaign(id: $id) {
      budget { coupons { limit spent left } amount { left } }
      enrolments { nodes { customerId outcome control holdout taskId couponId } }
      report { arms { arm triggeredCount issuedCount taskCount suppressed { reason count } }
        effects { arm } sampleRatioMismatch couponsIssued }
      messages { variantId postedCount } } }"""
    async with asyncio.timeout(30):
        while True:
            found = (await frontend.ask(query, id=campaign))["campaign"]
            outcomes = [one["outcome"] for one in found["enrolments"]["nodes"]]
            if "PENDING" not in outcomes:
                break
            await asyncio.sleep(0.05)
    assert {"ISSUED"} == set(outcomes)
    assert found["budget"] == {"coupons": {"limit": 100, "spent": 3, "left": 97}, "amount": None}
    treated = next(arm for arm in found["report"]["arms"] if arm["arm"] == "treated")
    assert (treated["triggeredCount"], treated["issuedCount"], treated["taskCount"]) == (3, 3, 3)
    assert treated["suppressed"] == []
    assert found["messages"] == []
    tasks = await _tasks(frontend, campaign)
    assert {one["customer"]["id"] for one in tasks} == set(customers)
    await _close(frontend, tasks[0]["id"])
    ended = await done(
        frontend,
        "endCampaign",
        "... on CampaignSuccess { campaign { state } }",
        campaignId=campaign,
    )
    assert ended["campaign"] == {"state": "ENDED"}
    report = await frontend.ask("{ holdoutReport { campaignCount reached { arm } } }")
    assert report["holdoutReport"]["campaignCount"] >= 1


async def _tasks(frontend: Any, campaign: str) -> list[dict[str, Any]]:
    """Tasks of the campaign that staff of the store see."""
    query = """query { tasks(first: 100, storeId: "gangnam") {
      nodes { id campaignId title(language: "ko") state customer { id } } } }"""
    found = (await frontend.ask(query))["tasks"]["nodes"]
    assert {"전화하기"} == {one["title"] for one in found}
    return [one for one in found if one["campaignId"] == campaign]


async def _close(frontend: Any, task_id: str) -> None:
    """With a note, once."""
    await done(frontend, "addTaskNote", taskId=task_id, note="부재중")
    selection = "... on TaskSuccess { task { state closedBy notes { text } } }"
    closed = await done(frontend, "closeTask", selection, taskId=task_id, note="통화함")
    assert closed["task"]["state"] == "DONE"
    assert [note["text"] for note in closed["task"]["notes"]] == ["부재중", "통화함"]
    assert await refused(frontend, "closeTask", taskId=task_id) == "ALREADY_CLOSED"
    seen = await frontend.ask("query($id: ID!) { task(id: $id) { state } }", id=task_id)
    assert seen["task"] == {"state": "DONE"}


async def test_the_holdout_is_settled_under_its_version(frontend: Any) -> None:
    """Read, changed, and not over what somebody else changed."""
    read = (await frontend.ask("{ campaignSettings { version } }"))["campaignSettings"]
    given = {"version": read["version"], "contactsMax": 3, "contactWindowSeconds": 604800}
    selection = "... on UpdateCampaignSettingsSuccess { settings { contactsMax version } }"
    changed = await done(frontend, "updateCampaignSettings", selection, **given)
    assert changed["settings"]["contactsMax"] == 3
    stale = {"version": read["version"], "contactsMax": 5, "contactWindowSeconds": 60}
    assert await refused(frontend, "updateCampaignSettings", **stale) == "VERSION_CONFLICT"
    none = {"version": changed["settings"]["version"]}
    await done(frontend, "updateCampaignSettings", **none)


async def test_the_calendar_has_holidays_and_own_sales(frontend: Any) -> None:
    """Seollal of 2026, and a sale that is put, shown and deleted."""
    sale = _name("sale")
    days = {"firstDate": "2026-02-10", "lastDate": "2026-02-20"}
    names = korean("설 세일")
    entry: dict[str, Any] = {"entryId": sale, "kind": "SALE", **days, "displayNames": names}
    await done(frontend, "putCalendarEntry", **entry)
    query = """query($first: Date!, $last: Date!) { calendar(firstDate: $first, lastDate: $last) {
      id kind displayName firstDate } }"""
    wanted = {"first": "2026-02-01", "last": "2026-02-28"}
    found = {one["id"]: one for one in (await frontend.ask(query, **wanted))["calendar"]}
    assert found[sale] == {
        **{"id": sale, "kind": "SALE", "displayName": "설 세일", "firstDate": "2026-02-10"}
    }
    assert found["seollal"]["kind"] == "HOLIDAY"
    await done(frontend, "deleteCalendarEntry", entryId=sale)
    assert sale not in {one["id"] for one in (await frontend.ask(query, **wanted))["calendar"]}


async def test_messages_are_written_previewed_and_posted_to_senders(frontend: Any) -> None:
    """Templates by version, settings, caps, endpoints and their secrets."""
    template = _name("cart-left")
    texts = [{"channel": "sms", "language": "ko", "text": "{{ customer_name }} 님, {{ item }}!"}]
    content = {"templateId": template, "displayName": "장바구니", "texts": texts}
    content["values"] = [{"name": "item", "type": "TEXT", "defaultValue": "상품"}]
    selection = "... on MessageTemplateSuccess { template { version values { name type } } }"
    created = await done(frontend, "createMessageTemplate", selection, **content)
    assert created["template"] == {"version": 1, "values": [{"name": "item", "type": "TEXT"}]}
    updated = await done(frontend, "updateMessageTemplate", selection, **content, version=1)
    assert updated["template"]["version"] == 2
    assert await refused(frontend, "updateMessageTemplate", **content, version=1) == (
        "VERSION_CONFLICT"
    )
    preview = await frontend.ask(
        """query($id: ID!) { previewMessage(templateId: $id, channel: "sms", customerName: "미나",
          values: [{name: "item", text: "운동화"}]) { text language format lengthMax } }""",
        id=template,
    )
    assert preview["previewMessage"] == {
        **{"text": "미나 님, 운동화!", "language": "ko", "format": "SMS", "lengthMax": 90}
    }
    settings = (await frontend.ask("{ messagingSettings { version } }"))["messagingSettings"]
    cap = {"windowSeconds": 86400, "count": 2, "purpose": "ADVERTISING"}
    selection = "... on UpdateMessagingSettingsSuccess { settings { caps { count purpose } } }"
    given = {"version": settings["version"], "senderName": "단골샵", "caps": [cap]}
    written = await done(frontend, "updateMessagingSettings", selection, **given)
    assert written["settings"]["caps"] == [{"count": 2, "purpose": "ADVERTISING"}]
    dead = await frontend.ask("{ messages(state: DEAD) { nodes { id reason } } }")
    assert dead["messages"] == {"nodes": []}
    assert await refused(frontend, "requeueMessage", messageId="none") == "NOT_FOUND"
    await _webhooks(frontend)


async def _webhooks(frontend: Any) -> None:
    """Made with a secret that no query shows; changed, rotated, deleted."""
    selection = "... on CreateWebhookEndpointSuccess { secret endpoint { id version purposes } }"
    given: dict[str, Any] = {"url": "https://sender.example/hook", "purposes": ["TRANSACTIONAL"]}
    made = await done(frontend, "createWebhookEndpoint", selection, **given)
    endpoint = made["endpoint"]
    assert made["secret"].startswith("whsec_")
    assert endpoint["purposes"] == ["TRANSACTIONAL"]
    change = {"endpointId": endpoint["id"], "version": endpoint["version"], "disabled": True}
    selection = "... on UpdateWebhookEndpointSuccess { endpoint { state } }"
    disabled = await done(frontend, "updateWebhookEndpoint", selection, **given, **change)
    assert disabled["endpoint"] == {"state": "DISABLED"}
    selection = "... on RotateWebhookSecretSuccess { secret }"
    rotated = await done(
        frontend, "rotateWebhookSecret", selection, endpointId=endpoint["id"], keepSeconds=0
    )
    assert rotated["secret"] != made["secret"]
    listed = await frontend.ask("{ webhookEndpoints { id state } }")
    assert {"id": endpoint["id"], "state": "DISABLED"} in listed["webhookEndpoints"]
    await done(frontend, "deleteWebhookEndpoint", endpointId=endpoint["id"])
    query = "query($id: ID!) { webhookEndpoint(id: $id) { id } }"
    assert (await frontend.ask(query, id=endpoint["id"]))["webhookEndpoint"] is None


async def test_auditors_read_and_download_the_journal(frontend: Any) -> None:
    """By filter, page by page and as a file; the checkpoints' keys are public."""
    customer = await member(frontend)
    one = await coupon(frontend, await offer(frontend), customer)
    order: dict[str, Any] = {"orderId": "o1", "orderAmount": won(10_000)}
    await done(frontend, "holdCoupon", couponId=one, customerId=customer, **order)
    query = """query($filter: LedgerFilterInput!, $after: String) { ledger {
      journal(filter: $filter, first: 1, after: $after) {
        nodes { accountId kind customerId discount { amount } }
        pageInfo { hasNextPage endCursor } }
      checkpointKeys { current former } checkpoints(first: 1) { nodes { number note } }
      verify { faultCount found { kind } checkpointNumber } } }"""
    wanted = {"customerId": customer}
    first = (await frontend.ask(query, filter=wanted))["ledger"]
    assert first["verify"]["faultCount"] == 0
    assert first["checkpointKeys"]["current"]
    cursor = first["journal"]["pageInfo"]["endCursor"]
    second = (await frontend.ask(query, filter=wanted, after=cursor))["ledger"]["journal"]
    assert [one, one] == [page["nodes"][0]["accountId"] for page in (first["journal"], second)]
    assert second["nodes"][0]["discount"] == {"amount": "1000"}
    headers = {"authorization": f"Bearer {frontend.token(Role.MARKETER)}"}
    path = f"/ledger/entries.csv?customerId={customer}"
    answer = await frontend.http.get(path, headers=headers)
    assert answer.status_code == 200
    assert len(answer.text.splitlines()) == 3
    lines = await frontend.http.get(path.replace(".csv", ".jsonl"), headers=headers)
    assert len(lines.text.splitlines()) == 2
    assert (await frontend.http.get(path)).status_code == 401
    own = {"authorization": f"Bearer {frontend.token(Role.CUSTOMER, customer)}"}
    assert (await frontend.http.get(path, headers=own)).status_code == 403
    wrong = await frontend.http.get(f"{path}&startsAt=yesterday", headers=headers)
    assert (wrong.status_code, wrong.json()["errors"][0]["extensions"]["code"]) == (
        400,
        "FIELD_INVALID",
    )
