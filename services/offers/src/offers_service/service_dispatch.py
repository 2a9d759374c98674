"""Messages whose time has come: looked at, handed over, taken back. Load, decide, save."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from dangol_service_kit import logs
from dangol_service_kit.clock import Reading, wall_ms
from dangol_service_kit.errors import RpcFailure
from dangol_service_kit.tenants import TenantInfo

from offers_service import message_steps as rules
from offers_service import rendering, sending
from offers_service.messages import (
    Fail,
    Lease,
    Message,
    MessageState,
    Purpose,
    Reason,
    Send,
    Suppress,
    Verdict,
    Wait,
)
from offers_service.pauses import Pauses
from offers_service.rendering import Reader, Refusal, Rendered
from offers_service.send_times import Pattern
from offers_service.sending import Recipient
from offers_service.service_messaging import Wording, Wordings
from offers_service.service_reach import Leaving, ReachBook
from offers_service.store_messages import MessageStore

BATCH = 200
_FAULT_WAIT_MS = 60_000

_log = logs.get_logger()


class Directory(Protocol):
    """TenantDirectory."""

    def get(self, tenant_id: str) -> Awaitable[TenantInfo]: ...


class TenantClock(Protocol):
    """dangol_service_kit.clock.Clock."""

    def read(self, tenant_id: str) -> Awaitable[Reading]: ...


class Recipients(Protocol):
    """Who the customers are now; clients_recipients.ProfileRecipients."""

    def recipients(
        self, tenant_id: str, customer_ids: Iterable[str]
    ) -> Awaitable[Mapping[str, Recipient]]: ...


class Judged(NamedTuple):
    """rendered: what the customer is to read, where the verdict is Send; customer_id: who that is
    by now."""

    verdict: Verdict
    rendered: Rendered | None = None
    customer_id: str = ""


class Handing(NamedTuple):
    """A leased message, what its customer is to read, and where the customer is reached.

    Nothing of it but the message is ever stored.
    """

    message: Message
    rendered: Rendered
    addresses: tuple[str, ...] = ()


class Contacts(Protocol):
    """Where customers are reached; clients_contacts.ProfileContacts."""

    def reveal(
        self, tenant_id: str, messages: Sequence[Message], recipient: str
    ) -> Awaitable[dict[str, tuple[str, ...]]]: ...


class HabitsOf(Protocol):
    """When customers were there; clients_habits.Habits."""

    def acts(
        self, tenant_id: str, customer_ids: Iterable[str]
    ) -> Awaitable[Mapping[str, Sequence[int]]]: ...

    def pattern(self, tenant_id: str) -> Awaitable[Pattern]: ...


class Gate:
    """Judges messages by what is known of their customers at this moment."""

    def __init__(
        self,
        *,
        recipients: Recipients,
        wording: Wording,
        contacts: Contacts,
        reach: ReachBook,
        habits: HabitsOf,
    ) -> None:
        self._recipients = recipients
        self._wording = wording
        self._contacts = contacts
        self._reach = reach
        self._habits = habits
        self.faults = 0

    async def judge(self, tenant_id: str, asked: Sequence[tuple[Message, int]]) -> list[Judged]:
        """One for each (message, at_ms). Raises RpcFailure UNAVAILABLE without profile."""
        customer_ids = {message.content.customer for message, _ in asked}
        found = await self._recipients.recipients(tenant_id, customer_ids)
        wordings = await self._wording.load(tenant_id, [_template(one) for one, _ in asked])
        answers = []
        for message, at_ms in asked:
            recipient = found.get(message.content.customer)
            try:
                answers.append(_judge(message, recipient, wordings, at_ms))
            except Exception as error:
                # A fault of ours in one message is no reason to keep back the others.
                self.faults += 1
                tenant, name = message.key.t, message.message_id
                _log.error("message_fault", tenant=tenant, message=name, **logs.describe(error))
                answers.append(Judged(Wait(at_ms + _FAULT_WAIT_MS)))
        return answers

    async def time_them(
        self, tenant_id: str, asked: Sequence[tuple[Message, int]]
    ) -> list[Message]:
        """The messages, those that want it with their customer's best hour, as of (message, at_ms).

        Raises RpcFailure UNAVAILABLE without profile.
        """
        wanting = [message for message, _ in asked if message.wants_best_time]
        if not wanting:
            return [message for message, _ in asked]
        ids = {message.content.customer for message in wanting}
        recipients = await self._recipients.recipients(tenant_id, ids)
        acts = await self._habits.acts(tenant_id, recipients)
        pattern = await self._habits.pattern(tenant_id)
        timed = []
        for message, at_ms in asked:
            recipient = recipients.get(message.content.customer)
            if not message.wants_best_time or recipient is None:
                timed.append(message)
                continue
            known = acts.get(message.content.customer, ())
            timing = sending.best_time(message, recipient, known, pattern, at_ms)
            timed.append(rules.time_it(message, timing))
        return timed

    async def judge_to_send(
        self, tenant_id: str, asked: Sequence[tuple[Message, int]], recipient: str
    ) -> tuple[list[Judged], dict[str, tuple[str, ...]]]:
        """The same, with a slot taken where caps count, and addresses by message id for the
        recipient; an empty one asks for none. Who cannot be reached is not written to.
        """
        answers = await self.judge(tenant_id, asked)
        caps = await self._wording.caps(tenant_id)
        leaving = [
            Leaving(message, answer.customer_id, at_ms)
            for (message, at_ms), answer in zip(asked, answers, strict=True)
            if answer.rendered
        ]
        capped = await self._reach.take(tenant_id, leaving, caps) if caps else set[str]()
        leaving = [one for one in leaving if one.message.message_id not in capped]
        addresses: dict[str, tuple[str, ...]] = {}
        if recipient and leaving:
            messages = [one.message for one in leaving]
            addresses = await self._contacts.reveal(tenant_id, messages, recipient)
            lost = [one for one in leaving if not addresses.get(one.message.message_id)]
            if caps and lost:
                await self._reach.release(tenant_id, lost)
        final = []
        for (message, _), answer in zip(asked, answers, strict=True):
            if message.message_id in capped:
                final.append(Judged(Suppress(Reason.FREQUENCY_CAP)))
            elif recipient and answer.rendered and not addresses.get(message.message_id):
                final.append(Judged(Suppress(Reason.NO_CONTACT)))
            else:
                final.append(answer)
        return final, addresses


def _template(message: Message) -> tuple[str, int]:
    return message.content.template, message.template_version


def _judge(message: Message, recipient: Recipient | None, wordings: Wordings, at_ms: int) -> Judged:
    verdict = sending.decide(message, recipient, at_ms)
    if recipient is None or not isinstance(verdict, Send):
        return Judged(verdict)
    template = wordings.templates.get(_template(message))
    if template is None:
        return Judged(Fail(Reason.TEMPLATE_NOT_FOUND))
    content = message.content
    rendered = rendering.render(
        template,
        content.channel,
        content.values,
        wordings.shop,
        Reader(recipient.language, recipient.zone, recipient.name),
        advertising=message.advertising,
    )
    if isinstance(rendered, Refusal):
        return Judged(Fail(rendered.reason))
    return Judged(verdict, rendered, recipient.customer_id)


@dataclass(frozen=True, slots=True)
class Take:
    """Who wants messages, and how many; numbers go on from first_number. No channels or purposes:
    all.

    recipient: who is told addresses, as role:subject; empty for nobody.
    """

    holder: str
    channels: Sequence[str]
    first_number: int
    limit: int
    lease_ms: int
    recipient: str = ""
    purposes: Sequence[Purpose] = ()


class Dispatcher:
    """Every step may be repeated; whoever loses a message to another leaves it."""

    def __init__(
        self,
        store: MessageStore,
        gate: Gate,
        directory: Directory,
        clock: TenantClock,
        *,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._store = store
        self._gate = gate
        self._directory = directory
        self._clock = clock
        self._wall_ms = wall_ms
        self._pauses = Pauses()

    async def fire_due(self, tenant_id: str, now_ms: int) -> int:
        """Looks at everything due up to now_ms in order of time; answers how many there were.

        Under virtual time each is judged at its own instant.
        """
        virtual = (await self._directory.get(tenant_id)).virtual
        fired = 0
        while True:
            due = await self._store.due(tenant_id, now_ms, BATCH)
            if not due:
                return fired
            times = [(one.wake_ms or now_ms) if virtual else now_ms for one in due]
            timed = await self._gate.time_them(tenant_id, list(zip(due, times, strict=True)))
            judged = list(zip(timed, times, strict=True))
            answers = await self._gate.judge(tenant_id, judged)
            changes = [
                (before, rules.wake(message, answer.verdict, at_ms))
                for before, (message, at_ms), answer in zip(due, judged, answers, strict=True)
            ]
            await self._store.save(changes)
            fired += len(due)

    async def take(self, tenant_id: str, wanted: Take) -> list[Handing]:
        """Leases what is ready to a holder, judging each anew: consent may be gone since."""
        ready = await self._store.ready(
            tenant_id, wanted.channels, min(wanted.limit, BATCH), wanted.purposes
        )
        if not ready:
            return []
        now_ms = (await self._clock.read(tenant_id)).now_ms
        answers, addresses = await self._gate.judge_to_send(
            tenant_id, [(one, now_ms) for one in ready], wanted.recipient
        )
        until_ms = self._wall_ms() + wanted.lease_ms
        changes = []
        texts: dict[str, Rendered] = {}
        number = wanted.first_number
        for message, (verdict, rendered, _) in zip(ready, answers, strict=True):
            lease = Lease(wanted.holder, number, until_ms)
            after = rules.hand_over(message, verdict, lease, now_ms)
            if after.state is MessageState.LEASED and rendered is not None:
                texts[after.message_id] = rendered
                number += 1
            changes.append((message, after))
        lost = await self._store.save(changes)
        return [
            Handing(after, texts[after.message_id], addresses.get(after.message_id, ()))
            for _, after in changes
            if after.message_id in texts and after.key not in lost
        ]

    async def take_again(
        self, tenant_id: str, held: Sequence[Message], lease_ms: int, recipient: str = ""
    ) -> list[Handing]:
        """Prolongs the leases of what a holder had not kept: no new attempt. What may not be sent
        any more, consent being gone since, stays until its lease ends and is judged then."""
        if not held:
            return []
        now_ms = (await self._clock.read(tenant_id)).now_ms
        answers, addresses = await self._gate.judge_to_send(
            tenant_id, [(one, now_ms) for one in held], recipient
        )
        until_ms = self._wall_ms() + lease_ms
        changes = []
        texts: dict[str, Rendered] = {}
        for message, (_, rendered, _) in zip(held, answers, strict=True):
            if message.lease is not None and rendered is not None:
                lease = Lease(message.lease.holder, message.lease.number, until_ms)
                changes.append((message, rules.pass_on(message, lease)))
                texts[message.message_id] = rendered
        lost = await self._store.save(changes)
        return [
            Handing(after, texts[after.message_id], addresses.get(after.message_id, ()))
            for _, after in changes
            if after.key not in lost
        ]

    async def lapse(self) -> int:
        """Takes back what holders did not answer in time, of every tenant; answers how many.

        A tenant whose clock cannot be read waits by itself.
        """
        at_ms, seconds = self._wall_ms(), self._wall_ms() / 1000
        lapsed = await self._store.lapsed(at_ms, BATCH, self._pauses.paused(seconds))
        changes = []
        for tenant_id in {message.key.t for message in lapsed}:
            try:
                now_ms = (await self._clock.read(tenant_id)).now_ms
            except RpcFailure as failure:
                self._pauses.failed(tenant_id, seconds)
                _log.warning("leases_failed", tenant=tenant_id, **logs.describe(failure))
                continue
            self._pauses.succeeded(tenant_id)
            theirs = [message for message in lapsed if message.key.t == tenant_id]
            for message in theirs:
                after = rules.lapse(message, at_ms, now_ms)
                if after is not None:
                    changes.append((message, after))
        await self._store.save(changes)
        return len(changes)
