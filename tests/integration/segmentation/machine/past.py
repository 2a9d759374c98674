"""The profile service as segmentation sees it, by hand and within the process: who there is, and
everything that happened to them. It notes whose history was asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.tenants import TenantInfo
from segmentation_service.engine_state import EventInput
from segmentation_service.histories import History

CURRENCY = "USD"
EXPONENT = 2


@dataclass
class Person:
    """One customer: what she is, and all her events, in order of time and then of id."""

    snapshot: ProfileSnapshot
    events: list[EventInput] = field(default_factory=list)
    merged_into: str = ""

    def created_ms(self) -> int:
        """Since when she exists."""
        times = [one.at_ms for one in self.events]
        return min([self.snapshot.create_time.ToMilliseconds(), *times])


@dataclass
class Past:
    """One tenant's customers. asked: whose history was asked for by name. streamed: of all."""

    info: TenantInfo
    people: dict[str, Person] = field(default_factory=dict)
    touched: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    streamed: bool = False

    def record(self, customer_id: str, events: Sequence[EventInput], wall_ms: int) -> None:
        """Keeps events; those known already stay as they are."""
        person = self.people[customer_id]
        known = {one.key for one in person.events}
        person.events += [one for one in events if one.key not in known]
        person.events.sort(key=lambda one: (one.at_ms, one.event.event_id))
        self.touched[customer_id] = wall_ms

    def merge(self, source_id: str, target_id: str, wall_ms: int) -> None:
        """One becomes a tombstone, the other has the events of both and the earlier creation."""
        source, target = self.people[source_id], self.people[target_id]
        source.merged_into = target_id
        self.record(target_id, source.events, wall_ms)
        self.touched[source_id] = wall_ms
        source.events = []
        snapshot = ProfileSnapshot()
        snapshot.CopyFrom(target.snapshot)
        snapshot.version += 1
        if source.snapshot.create_time.ToMilliseconds() < snapshot.create_time.ToMilliseconds():
            snapshot.create_time.CopyFrom(source.snapshot.create_time)
        target.snapshot = snapshot

    def living(self) -> list[str]:
        """Customers who were not merged away."""
        return [name for name, person in self.people.items() if not person.merged_into]

    def history(self, customer_id: str) -> History:
        """As profile tells it, a snapshot of the moment."""
        person = self.people[customer_id]
        return History(
            customer_id,
            person.snapshot,
            person.created_ms(),
            list(person.events),
            person.merged_into,
        )


class Pasts:
    """All tenants' pasts behind the surface of the service's clients for profile."""

    def __init__(self) -> None:
        self.tenants: dict[str, Past] = {}

    async def get(self, tenant_id: str) -> TenantInfo:
        """A tenant's unchanging facts."""
        if tenant_id not in self.tenants:
            raise RpcFailure(Code.TENANT_NOT_FOUND, "there is no such tenant")
        return self.tenants[tenant_id].info

    async def list_ids(self) -> list[str]:
        """Every tenant."""
        return sorted(self.tenants)

    async def count_customers(self, tenant_id: str) -> int:
        """Of a tenant."""
        return len(self.tenants[tenant_id].living())

    async def histories(self, tenant_id: str, customer_ids: Sequence[str]) -> list[History]:
        """Those asked for that exist."""
        past = self.tenants[tenant_id]
        past.asked += customer_ids
        return [past.history(name) for name in customer_ids if name in past.people]

    async def all_histories(
        self, tenant_id: str, after_customer_id: str = ""
    ) -> AsyncIterator[History]:
        """All, in order of id."""
        past = self.tenants[tenant_id]
        past.streamed = True
        for name in sorted(past.people):
            if name > after_customer_id:
                yield past.history(name)

    async def touched(self, tenant_id: str, since_ms: int) -> AsyncIterator[list[str]]:
        """Customers that deltas were sent of since a wall time."""
        touched = self.tenants[tenant_id].touched.items()
        yield [name for name, at_ms in touched if at_ms >= since_ms]
