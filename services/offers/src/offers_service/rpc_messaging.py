"""dangol.offers.v1.MessagingService."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from dangol.offers.v1 import messaging_service_pb2 as pb
from dangol.offers.v1 import messaging_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from offers_service import message_settings, rendering
from offers_service.message_settings import MessagingSettings, Sender, Values
from offers_service.messages import Purpose
from offers_service.reach import Cap
from offers_service.rendering import KOREA, Reader, Refusal, Rendered
from offers_service.rpc_common import authorize, failures, page_after, page_size
from offers_service.service_messaging import MessagingDesk, TemplateAnswer
from offers_service.templates import Template, Text, Value, ValueType

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["MessagingService"].full_name
_WRITERS = (Role.ADMIN, Role.MARKETER)
_READERS = (Role.ADMIN, Role.MARKETER, Role.SERVICE)


class MessagingServicer(pb_grpc.MessagingServiceServicer):
    """protobuf <-> templates and settings."""

    def __init__(self, desk: MessagingDesk) -> None:
        self._desk = desk

    async def CreateTemplate(  # noqa: N802
        self, request: pb.CreateTemplateRequest, _context: Any
    ) -> pb.CreateTemplateResponse:
        """The first version; FIELD_INVALID names what is wrong with it."""
        tenant_id = authorize(*_WRITERS).tenant_id
        with failures():
            answer = await self._desk.create(
                tenant_id, _to_template(request.template, 1), request.request_id
            )
        return pb.CreateTemplateResponse(**_answered(answer))

    async def UpdateTemplate(  # noqa: N802
        self, request: pb.UpdateTemplateRequest, _context: Any
    ) -> pb.UpdateTemplateResponse:
        """Another version; FIELD_INVALID names what is wrong with it."""
        tenant_id = authorize(*_WRITERS).tenant_id
        template = _to_template(request.template, request.version + 1)
        with failures():
            answer = await self._desk.update(tenant_id, template, request.request_id)
        return pb.UpdateTemplateResponse(**_answered(answer))

    async def GetTemplate(  # noqa: N802
        self, request: pb.GetTemplateRequest, _context: Any
    ) -> pb.GetTemplateResponse:
        """One version; TEMPLATE_NOT_FOUND."""
        tenant_id = authorize(*_READERS).tenant_id
        template = await self._template(tenant_id, request.template_id, request.version)
        return pb.GetTemplateResponse(template=to_message(template))

    async def ListTemplates(  # noqa: N802
        self, request: pb.ListTemplatesRequest, _context: Any
    ) -> pb.ListTemplatesResponse:
        """In order of id."""
        tenant_id = authorize(*_READERS).tenant_id
        limit = page_size(request.page_size)
        with failures():
            found = await self._desk.page(tenant_id, page_after(request.page_token), limit + 1)
        token = found[limit - 1].template_id if len(found) > limit else ""
        return pb.ListTemplatesResponse(
            templates=[to_message(each) for each in found[:limit]], next_page_token=token
        )

    async def PreviewTemplate(  # noqa: N802
        self, request: pb.PreviewTemplateRequest, _context: Any
    ) -> pb.PreviewTemplateResponse:
        """As it would be sent; FIELD_INVALID names what is missing."""
        tenant_id = authorize(*_READERS).tenant_id
        template = await self._template(tenant_id, request.template_id, request.version)
        with failures():
            shop = await self._desk.shop(tenant_id)
        rendered = rendering.render(
            template,
            request.channel,
            dict(request.values),
            shop,
            Reader(request.language or shop.language, ZoneInfo(shop.zone), request.customer_name),
            advertising=request.advertising,
        )
        if isinstance(rendered, Refusal):
            raise _invalid(rendered.problems)
        return pb.PreviewTemplateResponse(rendered=to_rendered(rendered))

    async def GetMessagingSettings(  # noqa: N802
        self, _request: pb.GetMessagingSettingsRequest, _context: Any
    ) -> pb.GetMessagingSettingsResponse:
        """Empty ones until some were written."""
        tenant_id = authorize(*_READERS).tenant_id
        with failures():
            settings = await self._desk.settings(tenant_id)
        return pb.GetMessagingSettingsResponse(settings=_to_settings(settings))

    async def UpdateMessagingSettings(  # noqa: N802
        self, request: pb.UpdateMessagingSettingsRequest, _context: Any
    ) -> pb.UpdateMessagingSettingsResponse:
        """All of them at once; FIELD_INVALID."""
        tenant_id = authorize(Role.ADMIN).tenant_id
        values = _to_values(request.settings)
        with failures():
            korean = (await self._desk.shop(tenant_id)).zone == KOREA
            wrong = message_settings.violations(values, korean=korean)
            if wrong:
                raise _invalid(wrong)
            outcome, settings = await self._desk.change(
                tenant_id, request.request_id, values, request.settings.version
            )
        return pb.UpdateMessagingSettingsResponse(
            outcome=f"MESSAGING_SETTINGS_OUTCOME_{outcome}", settings=_to_settings(settings)
        )

    async def _template(self, tenant_id: str, template_id: str, version: int) -> Template:
        with failures():
            template = await self._desk.read(tenant_id, template_id, version)
        if template is None:
            message = "there is no such template, or no such version of it"
            raise RpcFailure(Code.TEMPLATE_NOT_FOUND, message, field="template_id")
        return template


def _invalid(problems: Any) -> RpcFailure:
    field, text = problems[0]
    return RpcFailure(Code.FIELD_INVALID, f"{field}: {text}", violations=problems)


def _answered(answer: TemplateAnswer) -> dict[str, Any]:
    if answer.violations:
        raise _invalid(answer.violations)
    template = to_message(answer.template) if answer.template else None
    return {"outcome": f"TEMPLATE_OUTCOME_{answer.outcome}", "template": template}


def _to_template(message: pb.MessageTemplate, version: int) -> Template:
    values = tuple(
        Value(
            each.name,
            ValueType(pb.ValueType.Name(each.type).removeprefix("VALUE_TYPE_")),
            each.default_value if each.HasField("default_value") else None,
        )
        for each in message.values
    )
    texts = tuple(
        Text(each.channel, each.language, each.text, each.subject, each.html, each.long)
        for each in message.texts
    )
    return Template(message.template_id, message.display_name, values, texts, version)


def to_message(template: Template) -> pb.MessageTemplate:
    """A template for the wire."""
    message = pb.MessageTemplate(
        template_id=template.template_id,
        display_name=template.display_name,
        version=template.version,
    )
    for value in template.values:
        message.values.add(
            name=value.name, type=f"VALUE_TYPE_{value.type}", default_value=value.default
        )
    for text in template.texts:
        message.texts.add(
            channel=text.channel,
            language=text.language,
            subject=text.subject,
            text=text.text,
            html=text.html,
            long=text.long,
        )
    return message


def to_rendered(rendered: Rendered) -> pb.RenderedText:
    """What a customer is to read, for the wire."""
    return pb.RenderedText(
        language=rendered.language,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        format=rendered.size.format,
        length=rendered.size.length,
        length_max=rendered.size.length_max,
        template_version=rendered.template_version,
    )


def _to_values(message: pb.MessagingSettings) -> Values:
    return Values(
        Sender(
            " ".join(message.sender_name.split()),
            message.sender_phone,
            message.sender_email,
            " ".join(message.sender_address.split()),
            {name: " ".join(text.split()) for name, text in message.opt_outs.items()},
        ),
        tuple(_to_cap(cap) for cap in message.caps),
    )


def _to_cap(message: pb.MessageCap) -> Cap:
    purpose = Purpose(message.purpose.upper()) if message.purpose else None
    return Cap(message.window_seconds * 1000, message.count, message.channel, purpose)


def _to_settings(settings: MessagingSettings) -> pb.MessagingSettings:
    sender = settings.values.sender
    caps = [
        pb.MessageCap(
            channel=cap.channel,
            purpose=(cap.purpose or "").lower(),
            window_seconds=cap.window_ms // 1000,
            count=cap.count,
        )
        for cap in settings.values.caps
    ]
    return pb.MessagingSettings(
        caps=caps,
        sender_name=sender.name,
        sender_phone=sender.phone,
        sender_email=sender.email,
        sender_address=sender.address,
        opt_outs=sender.opt_outs,
        version=settings.version,
    )
