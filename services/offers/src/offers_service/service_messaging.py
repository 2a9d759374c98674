"""Use cases of templates and of the settings of messages: load, decide, save."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from dangol_service_kit.tenants import TenantInfo

from offers_service import message_settings, rendering
from offers_service.commit import ContendedError
from offers_service.message_settings import MessagingSettings, MessagingSettingsOutcome, Values
from offers_service.messages import Content, Purpose, Reason
from offers_service.reach import Cap
from offers_service.rendering import Refusal, Shop
from offers_service.store_templates import TemplateStore
from offers_service.templates import TEMPLATES_MAX, Template, TemplateOutcome, Violation

_TRIES_MAX = 20


class Directory(Protocol):
    """TenantDirectory."""

    def get(self, tenant_id: str) -> Awaitable[TenantInfo]: ...


class Checked(NamedTuple):
    """What a message would be rendered with: the template's version, or why it cannot be."""

    version: int
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Wordings:
    """What is needed to render some messages; templates by (id, version asked for)."""

    shop: Shop
    templates: dict[tuple[str, int], Template]


@dataclass(frozen=True, slots=True)
class TemplateAnswer:
    """template: as it stands, where there is one. violations: nothing was written."""

    outcome: TemplateOutcome = TemplateOutcome.APPLIED
    template: Template | None = None
    violations: tuple[Violation, ...] = ()


class Wording:
    """What messages are made of."""

    def __init__(self, store: TemplateStore, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    async def shop(self, tenant_id: str) -> Shop:
        """The tenant as its messages show it."""
        tenant = await self._directory.get(tenant_id)
        settings = await self._store.settings(tenant_id)
        return Shop(tenant.language, tenant.currency_code, tenant.time_zone, settings.values.sender)

    async def caps(self, tenant_id: str) -> tuple[Cap, ...]:
        """How many messages a customer gets."""
        return (await self._store.settings(tenant_id)).values.caps

    async def load(self, tenant_id: str, wanted: Iterable[tuple[str, int]]) -> Wordings:
        """Templates by id and version, 0 for the newest; unknown ones are left out."""
        found = {}
        for template_id, version in set(wanted):
            template = await self._store.read(tenant_id, template_id, version)
            if template is not None:
                found[(template_id, version)] = template
        return Wordings(await self.shop(tenant_id), found)

    async def check(self, tenant_id: str, content: Content) -> Checked:
        """Whether the newest version can say what the message is to say."""
        wordings = await self.load(tenant_id, [(content.template, 0)])
        template = wordings.templates.get((content.template, 0))
        if template is None:
            problem = ("message.template_id", "there is no such template: create it first")
            return Checked(0, Refusal(Reason.TEMPLATE_NOT_FOUND, (problem,)))
        advertising = content.purpose is Purpose.ADVERTISING
        refusal = rendering.check(
            template, content.channel, content.values, wordings.shop, advertising=advertising
        )
        return Checked(0 if refusal else template.version, refusal)


class MessagingDesk:
    """What marketers do with templates, and admins with the settings."""

    def __init__(self, store: TemplateStore, wording: Wording) -> None:
        self._store = store
        self._wording = wording

    async def create(self, tenant_id: str, template: Template, request_id: str) -> TemplateAnswer:
        """The first version. Raises OutcomeUnknownError."""
        wrong = rendering.violations(template, await self._wording.shop(tenant_id))
        if wrong:
            return TemplateAnswer(violations=tuple(wrong))
        known = await self._store.read(tenant_id, template.template_id, 1)
        if known is None and await self._store.count(tenant_id) >= TEMPLATES_MAX:
            return TemplateAnswer(TemplateOutcome.TOO_MANY)
        return await self._add(tenant_id, template, request_id, TemplateOutcome.EXISTS)

    async def update(self, tenant_id: str, template: Template, request_id: str) -> TemplateAnswer:
        """The version after the one that was read; template.version is the new one's."""
        wrong = rendering.violations(template, await self._wording.shop(tenant_id))
        if wrong:
            return TemplateAnswer(violations=tuple(wrong))
        newest = await self._store.read(tenant_id, template.template_id)
        if newest is None:
            return TemplateAnswer(TemplateOutcome.NOT_FOUND)
        if template.version > newest.version + 1:
            return TemplateAnswer(TemplateOutcome.VERSION_CONFLICT, newest)
        return await self._add(tenant_id, template, request_id, TemplateOutcome.VERSION_CONFLICT)

    async def _add(
        self, tenant_id: str, template: Template, request_id: str, otherwise: TemplateOutcome
    ) -> TemplateAnswer:
        if await self._store.add(tenant_id, template, request_id):
            return TemplateAnswer(template=template)
        template_id = template.template_id
        made = await self._store.of_request(tenant_id, template_id, request_id)
        if made is not None:
            same = made == template
            outcome = TemplateOutcome.APPLIED if same else TemplateOutcome.REQUEST_CONFLICT
            return TemplateAnswer(outcome, made)
        return TemplateAnswer(otherwise, await self._store.read(tenant_id, template_id))

    async def read(self, tenant_id: str, template_id: str, version: int) -> Template | None:
        """A version, or with 0 the newest."""
        return await self._store.read(tenant_id, template_id, version)

    async def page(self, tenant_id: str, after_id: str, limit: int) -> list[Template]:
        """The newest versions in order of id, from after after_id."""
        return await self._store.page(tenant_id, after_id, limit)

    async def shop(self, tenant_id: str) -> Shop:
        """The tenant as its messages show it."""
        return await self._wording.shop(tenant_id)

    async def settings(self, tenant_id: str) -> MessagingSettings:
        """What holds for all messages."""
        return await self._store.settings(tenant_id)

    async def change(
        self, tenant_id: str, request_id: str, values: Values, version: int
    ) -> tuple[MessagingSettingsOutcome, MessagingSettings]:
        """Writes the settings. Raises OutcomeUnknownError, ContendedError."""
        for _ in range(_TRIES_MAX):
            before = await self._store.settings(tenant_id)
            outcome, after = message_settings.change(before, request_id, values, version)
            if after is before or await self._store.save_settings(tenant_id, before, after):
                return outcome, after
        raise ContendedError
