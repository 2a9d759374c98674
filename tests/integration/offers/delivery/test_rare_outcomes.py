"""Outcomes of messages that hardly anybody meets, each produced by the running service."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from dangol.offers.v1 import delivery_service_pb2 as pb
from dangol.offers.v1 import messaging_service_pb2 as messaging
from dangol.offers.v1 import webhook_service_pb2 as webhooks
from dangol.offers.v1.webhook_service_pb2_grpc import WebhookServiceStub
from offers_service.templates import TEMPLATES_MAX
from offers_service.webhooks import ENDPOINTS_MAX

from tests.integration.offers.delivery.fakes import WALL

if TYPE_CHECKING:
    from tests.integration.offers.delivery.conftest import Shop


def _id() -> str:
    return str(uuid.uuid4())


def _template(template_id: str, text: str) -> messaging.MessageTemplate:
    return messaging.MessageTemplate(
        template_id=template_id,
        display_name="test",
        values=[messaging.TemplateValue(name="what", type=messaging.VALUE_TYPE_TEXT)],
        texts=[messaging.TemplateText(channel="sms", language="ko", text=text)],
    )


async def _create(shop: Shop, template: messaging.MessageTemplate) -> Any:
    request = messaging.CreateTemplateRequest(request_id=_id(), template=template)
    return (await shop.messaging("CreateTemplate", request)).outcome


async def test_templates_that_are_missing_or_too_many_and_texts_too_long(shop: Shop) -> None:
    """A template that nobody made is not changed; one more than 2,000 is not kept; a value that
    makes a text longer than the channel carries is refused before anything is posted."""
    unknown = messaging.UpdateTemplateRequest(
        request_id=_id(), template=_template("unknown", "{{ what }}"), version=1
    )
    missing = await shop.messaging("UpdateTemplate", unknown)
    assert messaging.TEMPLATE_OUTCOME_NOT_FOUND == missing.outcome
    applied = messaging.TEMPLATE_OUTCOME_APPLIED
    assert applied == await _create(shop, _template("short", "{{ what }}"))
    # An SMS holds 90 bytes, two a syllable.
    values = {"what": "가" * 46}
    posted = await shop.post("m1", template_id="short", channel="sms", values=values)
    assert pb.PostOutcome.Name(pb.POST_OUTCOME_TOO_LONG) == f"POST_OUTCOME_{posted}"
    assert 0 == await shop.database.messages.count_documents({})
    await shop.database.message_templates.insert_many(
        [{"_id": {"t": WALL, "i": f"t{n}", "v": 1}} for n in range(TEMPLATES_MAX)]
    )
    too_many = messaging.TEMPLATE_OUTCOME_TOO_MANY
    assert too_many == await _create(shop, _template("one-more", "{{ what }}"))


async def test_settings_and_webhooks_under_used_ids_old_versions_and_limits(shop: Shop) -> None:
    """The same id for other settings, a version that somebody has changed, a 21st endpoint."""
    request = messaging.UpdateMessagingSettingsRequest(
        request_id=_id(), settings=messaging.MessagingSettings(sender_name="단골샵")
    )
    await shop.messaging("UpdateMessagingSettings", request)
    request.settings.sender_name = "다른샵"
    other = await shop.messaging("UpdateMessagingSettings", request)
    assert messaging.MESSAGING_SETTINGS_OUTCOME_REQUEST_CONFLICT == other.outcome

    async def webhook(method: str, asked: Any) -> Any:
        return await shop.ask(method, asked, stub=WebhookServiceStub, role="admin")

    target = webhooks.WebhookEndpoint(url="http://127.0.0.1:9/messages")
    outcomes, endpoint = [], target
    for _ in range(ENDPOINTS_MAX + 1):
        create = webhooks.CreateWebhookEndpointRequest(request_id=_id(), endpoint=target)
        made = await webhook("CreateWebhookEndpoint", create)
        outcomes.append(made.outcome)
        if made.outcome == webhooks.WEBHOOK_OUTCOME_APPLIED:
            endpoint = made.endpoint
    applied, too_many = webhooks.WEBHOOK_OUTCOME_APPLIED, webhooks.WEBHOOK_OUTCOME_TOO_MANY
    assert [applied] * ENDPOINTS_MAX + [too_many] == outcomes
    endpoint.version += 1
    update = webhooks.UpdateWebhookEndpointRequest(request_id=_id(), endpoint=endpoint)
    newer = await webhook("UpdateWebhookEndpoint", update)
    assert webhooks.WEBHOOK_OUTCOME_VERSION_CONFLICT == newer.outcome
