"""Messages whose time has come: looked at, handed over, taken back. Load, decide, save."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from dangol_service_kit.clock import Reading, wall_ms
from dangol_service_kit.tenants import TenantInfo

from offers_service import message_steps as rules
from offers_service import sending
from offers_service.messages import Lease, Message, MessageState, Verdict
from offers_service.sending import Recipient
from offers_service.store_messages import MessageStore

BATCH = 200


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


class Gate:
    """Judges messages by what is known of their customers at this moment."""

    def __init__(self, recipients: Recipients) -> None:
        self._recipients = recipients

    async def verdicts(
        self, tenant_id: str, judged: Sequence[tuple[Message, int]]
    ) -> list[Verdict]:
        """One for each (message, at_ms). Raises RpcFailure UNAVAILABLE without profile."""
        customer_ids = {message.content.customer for message, _ in judged}
        found = await self._recipients.recipients(tenant_id, customer_ids)
        return [
            sending.decide(message, found.get(message.content.customer), at_ms)
            for message, at_ms in judged
        ]


@dataclass(frozen=True, slots=True)
class Take:
    """Who wants messages, and how many; numbers go on from first_number."""

    holder: str
    channels: Sequence[str]
    first_number: int
    limit: int
    lease_ms: int


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
            judged = [(one, (one.wake_ms or now_ms) if virtual else now_ms) for one in due]
            verdicts = await self._gate.verdicts(tenant_id, judged)
            changes = [
                (message, rules.wake(message, verdict, at_ms))
                for (message, at_ms), verdict in zip(judged, verdicts, strict=True)
            ]
            await self._store.save(changes)
            fired += len(due)

    async def take(self, tenant_id: str, wanted: Take) -> list[Message]:
        """Leases what is ready to a holder, judging each anew: consent may be gone since."""
        ready = await self._store.ready(tenant_id, wanted.channels, min(wanted.limit, BATCH))
        if not ready:
            return []
        now_ms = (await self._clock.read(tenant_id)).now_ms
        verdicts = await self._gate.verdicts(tenant_id, [(one, now_ms) for one in ready])
        until_ms = self._wall_ms() + wanted.lease_ms
        changes = []
        number = wanted.first_number
        for message, verdict in zip(ready, verdicts, strict=True):
            lease = Lease(wanted.holder, number, until_ms)
            after = rules.hand_over(message, verdict, lease, now_ms)
            number += after.state is MessageState.LEASED
            changes.append((message, after))
        lost = await self._store.save(changes)
        taken = [after for _, after in changes if after.state is MessageState.LEASED]
        return [message for message in taken if message.key not in lost]

    async def lapse(self) -> int:
        """Takes back what holders did not answer in time, of every tenant; answers how many."""
        at_ms = self._wall_ms()
        lapsed = await self._store.lapsed(at_ms, BATCH)
        changes = []
        for message in lapsed:
            now_ms = (await self._clock.read(message.key.t)).now_ms
            after = rules.lapse(message, at_ms, now_ms)
            if after is not None:
                changes.append((message, after))
        await self._store.save(changes)
        return len(changes)
