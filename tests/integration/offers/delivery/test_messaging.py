"""Templates and settings over real gRPC and MongoDB, and what a sender gets rendered."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from dangol.offers.v1 import delivery_service_pb2 as pb
from dangol.offers.v1 import messaging_service_pb2 as messaging
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.offers.delivery.fakes import VIRTUAL

if TYPE_CHECKING:
    from tests.integration.offers.delivery.conftest import Shop

HOUR_MS = 3_600_000
SALE = [
    messaging.TemplateText(
        channel="sms", language="ko", text="{{ customer_name }}님 {{ price }}", long=True
    ),
    messaging.TemplateText(
        channel="sms", language="en", text="{{ customer_name }}: {{ price }}", long=True
    ),
]
PRICE = [messaging.TemplateValue(name="price", type=messaging.VALUE_TYPE_MONEY)]


def update(template: messaging.MessageTemplate, version: int, request_id: str = "") -> Any:
    """A request for the version after `version`."""
    return messaging.UpdateTemplateRequest(
        request_id=request_id or str(uuid.uuid4()), template=template, version=version
    )


async def problems(shop: Shop, message_id: str, **changed: Any) -> tuple[str, list[str]]:
    """The outcome of a post, and the fields it names."""
    message = pb.Message(message_id=message_id, customer_id="ann", **changed)
    request = pb.PostMessageRequest(message=message)
    answer = await shop.ask("PostMessage", request, role="service")
    outcome = pb.PostOutcome.Name(answer.outcome).removeprefix("POST_OUTCOME_")
    return outcome, [problem.field for problem in answer.problems]


async def test_versions_are_written_once_and_found_again(shop: Shop) -> None:
    """Created, changed by one of several at once, repeated, refused under a used id."""
    first = messaging.MessageTemplate(template_id="sale", display_name="one", texts=SALE[:1])
    first.values.extend(PRICE)
    create = messaging.CreateTemplateRequest(request_id=str(uuid.uuid4()), template=first)
    for _ in range(2):
        made = await shop.messaging("CreateTemplate", create, role="marketer")
        assert (messaging.TEMPLATE_OUTCOME_APPLIED, 1) == (made.outcome, made.template.version)
    other = messaging.CreateTemplateRequest(request_id=str(uuid.uuid4()), template=first)
    other.template.display_name = "two"
    exists = await shop.messaging("CreateTemplate", other)
    assert messaging.TEMPLATE_OUTCOME_EXISTS == exists.outcome
    create.template.display_name = "three"
    used = await shop.messaging("CreateTemplate", create)
    assert messaging.TEMPLATE_OUTCOME_REQUEST_CONFLICT == used.outcome
    answers = await asyncio.gather(
        *[shop.messaging("UpdateTemplate", update(first, 1)) for _ in range(4)]
    )
    names = sorted(messaging.TemplateOutcome.Name(one.outcome)[17:] for one in answers)
    assert ["APPLIED"] + ["VERSION_CONFLICT"] * 3 == names
    request = messaging.GetTemplateRequest(template_id="sale", version=1)
    assert "one" == (await shop.messaging("GetTemplate", request)).template.display_name
    newest = messaging.GetTemplateRequest(template_id="sale")
    assert 2 == (await shop.messaging("GetTemplate", newest)).template.version
    page = await shop.messaging("ListTemplates", messaging.ListTemplatesRequest(page_size=1))
    assert ["order-placed"] == [one.template_id for one in page.templates]
    rest = messaging.ListTemplatesRequest(page_size=1, page_token=page.next_page_token)
    (sale,) = (await shop.messaging("ListTemplates", rest)).templates
    assert ("sale", 2) == (sale.template_id, sale.version)


async def test_what_is_wrong_is_refused_by_name_before_anything_is_kept(shop: Shop) -> None:
    """When a template is saved, and when a message is posted."""
    with pytest.raises(RpcFailure) as refused:
        await shop.template(
            "bad",
            texts=[messaging.TemplateText(channel="push", language="ko", text="{{ a.b }}")],
        )
    assert (Code.FIELD_INVALID, "template.texts[0].text") == (
        refused.value.code,
        refused.value.violations[0][0],
    )
    await shop.template("sale", texts=SALE, values=PRICE)
    facts: dict[str, Any] = {
        "channel": "sms",
        "template_id": "sale",
        "purpose": pb.MESSAGE_PURPOSE_ADVERTISING,
    }
    unknown = await problems(shop, "m1", **(facts | {"template_id": "none"}))
    assert ("TEMPLATE_NOT_FOUND", ["message.template_id"]) == unknown
    assert ("TEMPLATE_MISMATCH", ["values.price"]) == await problems(shop, "m1", **facts)
    facts["values"] = {"price": "12900"}
    unsigned = await problems(shop, "m1", **facts)
    named = ["settings.sender_name", "settings.sender_phone", 'settings.opt_outs["sms"]']
    assert ("SENDER_NOT_SET", named) == unsigned
    assert 0 == await shop.database.messages.count_documents({})
    with pytest.raises(RpcFailure) as paid:
        await shop.sign(opt_outs={"sms": "02-123-4567"})
    assert 'settings.opt_outs["sms"]' == paid.value.violations[0][0]
    await shop.sign()
    assert ("POSTED", []) == await problems(shop, "m1", **facts)
    # A repeat is answered as before, also when the template asks for more by now.
    template = messaging.MessageTemplate(template_id="sale", display_name="x", texts=SALE)
    template.values.extend([*PRICE, messaging.TemplateValue(name="more", type="VALUE_TYPE_TEXT")])
    template.texts[0].text += "{{ more }}"
    await shop.messaging("UpdateTemplate", update(template, 1))
    assert ("ALREADY_POSTED", []) == await problems(shop, "m1", **facts)
    assert ("TEMPLATE_MISMATCH", ["values.more"]) == await problems(shop, "m2", **facts)


async def test_a_sender_gets_the_whole_text_in_the_customer_s_language(shop: Shop) -> None:
    """By the version that it was posted with; the name is read when it is sent, and not kept."""
    await shop.sign()
    await shop.template("sale", texts=SALE, values=PRICE)
    shop.profile.customer("bob").language = "en-GB"
    shop.profile.customer("ann").display_name = "김안나"
    for name in ("ann", "bob"):
        await shop.post(
            name,
            customer_id=name,
            channel="sms",
            template_id="sale",
            values={"price": "12900"},
            purpose=pb.MESSAGE_PURPOSE_ADVERTISING,
        )
    template = messaging.MessageTemplate(template_id="sale", display_name="x", texts=SALE)
    template.values.extend(PRICE)
    template.texts[0].text = "바뀐 글"
    await shop.messaging("UpdateTemplate", update(template, 1))
    stream = shop.watch()
    async with asyncio.timeout(60):
        watched = [await stream.read() for _ in range(2)]
    stream.cancel()
    found = {one.delivery.message_id: one.delivery.rendered for one in watched}
    korean = "(광고)단골샵\n김안나님 12,900원\n문의 02-123-4567\n무료수신거부 080-123-4567"
    assert ("ko", korean, "SMS", 1) == (
        found["ann"].language,
        found["ann"].text,
        found["ann"].format,
        found["ann"].template_version,
    )
    assert "(광고)단골샵\nname of bob: KRW 12,900\n" in found["bob"].text
    assert ("en", "LMS") == (found["bob"].language, found["bob"].format)
    stored = [str(one) async for one in shop.database.messages.find()]
    assert [] == [one for one in stored if "김안나" in one]


async def test_a_dead_letter_of_a_bad_template_is_mended_and_leaves(shop: Shop) -> None:
    """A campaign's message is never lost: its end names why, and requeueing takes the new text."""
    await shop.post("m1")
    await shop.database.messages.update_one(
        {"_id.m": "m1"}, {"$set": {"content.template": "later", "template_version": 0}}
    )

    async def dead() -> bool:
        return "DEAD TEMPLATE_NOT_FOUND" == await shop.state("m1")

    stream = shop.watch()
    reading = asyncio.ensure_future(stream.read())
    await shop.database.messages.update_one({"_id.m": "m1"}, {"$set": {"wake_ms": 1}})
    await shop.eventually(dead)
    await shop.template("later")
    requeue = pb.RequeueMessageRequest(request_id=str(uuid.uuid4()), message_id="m1")
    await shop.ask("RequeueMessage", requeue, role="admin")
    async with asyncio.timeout(60):
        watched = await reading
    assert "주문되었습니다." == watched.delivery.rendered.text
    stream.cancel()


async def test_a_preview_is_what_would_be_sent(shop: Shop) -> None:
    """With the label, and with what is missing named."""
    await shop.sign()
    await shop.template("sale", texts=SALE, values=PRICE)
    request = messaging.PreviewTemplateRequest(
        template_id="sale", channel="sms", advertising=True, values={"price": "5000"}
    )
    shown = (await shop.messaging("PreviewTemplate", request, role="marketer")).rendered
    assert shown.text.startswith("(광고)단골샵\n고객님 5,000원\n")
    request.values.clear()
    with pytest.raises(RpcFailure) as missing:
        await shop.messaging("PreviewTemplate", request)
    assert "values.price" == missing.value.violations[0][0]


async def test_a_message_waits_for_the_hour_of_its_customer_and_says_why(shop: Shop) -> None:
    """Of who comes at eight in the evening; a stranger's goes at once, nothing being known."""
    start_ms = 1_700_006_400_000  # 2023-11-15 00:00 UTC, nine in the morning in Seoul.
    evening_ms = start_ms + 11 * HOUR_MS
    shop.profile.visits["ann"] = [evening_ms - day * 24 * HOUR_MS for day in range(1, 31)]
    await shop.advance(start_ms)
    for name in ("ann", "bob"):
        await shop.post(name, customer_id=name, tenant=VIRTUAL, best_time_seconds=86_400)
    stream = shop.watch(tenant=VIRTUAL)
    await shop.advance(evening_ms - 1)
    async with asyncio.timeout(60):
        assert "bob" == (await stream.read()).delivery.message_id
    request = pb.GetMessageRequest(message_id="ann")
    message = (await shop.ask("GetMessage", request, role="admin", tenant=VIRTUAL)).message
    timing = message.send_time
    assert (evening_ms, 30, 0) == (
        timing.time.ToMilliseconds(),
        timing.act_count,
        timing.tenant_act_count,
    )
    assert timing.share_millionths > 3 * timing.share_at_once_millionths
    assert pb.MESSAGE_STATE_PENDING == message.state
    await shop.advance(evening_ms)
    async with asyncio.timeout(60):
        assert "ann" == (await stream.read()).delivery.message_id
    stream.cancel()


async def test_templates_and_settings_are_the_tenant_s_own(shop: Shop) -> None:
    """Another tenant and a wrong role get nothing."""
    with pytest.raises(RpcFailure) as foreign:
        await shop.messaging(
            "GetTemplate", messaging.GetTemplateRequest(template_id="order-placed"), tenant="other"
        )
    assert Code.TEMPLATE_NOT_FOUND == foreign.value.code
    listed = await shop.messaging("ListTemplates", messaging.ListTemplatesRequest(), tenant="other")
    assert [] == list(listed.templates)
    await shop.sign()
    empty = await shop.messaging(
        "GetMessagingSettings", messaging.GetMessagingSettingsRequest(), tenant="other"
    )
    assert messaging.MessagingSettings() == empty.settings
    template = messaging.MessageTemplate(template_id="x", display_name="x", texts=SALE)
    calls = {
        "CreateTemplate": messaging.CreateTemplateRequest(
            request_id=str(uuid.uuid4()), template=template
        ),
        "UpdateTemplate": update(template, 1),
        "GetTemplate": messaging.GetTemplateRequest(template_id="order-placed"),
        "ListTemplates": messaging.ListTemplatesRequest(),
        "PreviewTemplate": messaging.PreviewTemplateRequest(
            template_id="order-placed", channel="push"
        ),
        "GetMessagingSettings": messaging.GetMessagingSettingsRequest(),
        "UpdateMessagingSettings": messaging.UpdateMessagingSettingsRequest(
            request_id=str(uuid.uuid4()), settings=messaging.MessagingSettings()
        ),
    }
    for method, request in calls.items():
        with pytest.raises(RpcFailure) as refused:
            await shop.messaging(method, request, role="customer")
        assert Code.ROLE_NOT_ALLOWED == refused.value.code


async def test_a_sender_is_told_where_to_send_only_if_it_asks(shop: Shop) -> None:
    """For each message by name, on a resumed stream again; offers keeps no address; who cannot be
    reached is not written to."""
    shop.profile.unreachable.add("bob")
    await shop.post("m1")
    await shop.post("m2", customer_id="bob")
    stream = shop.watch(contacts=True, lease_seconds=3600)
    async with asyncio.timeout(60):
        watched = await stream.read()
    stream.cancel()
    assert ("m1", ["push:ann"]) == (
        watched.delivery.message_id,
        list(watched.delivery.addresses),
    )

    async def suppressed() -> bool:
        return "SUPPRESSED NO_CONTACT" == await shop.state("m2")

    await shop.eventually(suppressed)
    assert [("m1", "partner:sender")] == shop.profile.revealed
    stored = [str(one) async for one in shop.database.messages.find()]
    assert [] == [one for one in stored if "push:ann" in one]
    await shop.post("m3", customer_id="bob")
    plain = shop.watch()
    async with asyncio.timeout(60):
        watched = await plain.read()
    plain.cancel()
    assert ("m3", []) == (watched.delivery.message_id, list(watched.delivery.addresses))
    assert 1 == len(shop.profile.revealed)
