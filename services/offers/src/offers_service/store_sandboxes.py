"""Sandboxes: collection `sandbox_steps`, {_id: tenant, v, target, quiet, steps, lease}; what is due
in one next; and where in this service's database a tenant's documents are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pymongo
from dangol_service_kit.mongodb import create_collections
from dangol_service_kit.tenant_data import LED, WHOLE, Place, delete_tenant
from pymongo import ASCENDING, WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service.campaigns import CampaignState
from offers_service.sandbox_steps import Step, StepBook
from offers_service.store_accounts import outages

NAME: Final = "sandbox_steps"
_WHOLE: Final = (
    *("campaign_settings", "checkpoint_claims", "clocks", "greetings", "invitation_programs"),
    *("messaging_settings", "points_programs", "verifications", NAME),
)
_LED: Final = (
    *("accounts", "audience_changes", "calendar_entries", "campaign_outcomes", "campaigns"),
    *("checkpoint_lists", "relay_parked"),
    *("checkpoints", "code_batches", "contacts", "enrolments", "guesses", "issue_orders"),
    *("merges", "message_reach", "message_templates", "messages", "offers", "pages"),
    *("requests", "staff_allowances", "tasks", "triggers", "webhook_endpoints"),
)
PLACES: Final[Mapping[str, Place]] = dict.fromkeys(_WHOLE, WHOLE) | dict.fromkeys(_LED, LED)
# How far the whole service has come, whoever's it was.
WITHOUT_TENANTS: Final = frozenset({"positions", "merge_position", "relay_markers", "relay_state"})
_DELETE_SECONDS: Final = 60


class SandboxStore:
    """Books of steps and leases. Raises OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._database = database.client.get_database(
            database.name,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )
        self._books = self._database[NAME]

    async def prepare(self) -> None:
        """Makes the collection; harmless to repeat."""
        await create_collections(self._database, [NAME])

    async def get(self, tenant_id: str) -> StepBook:
        """The sandbox's book; an empty one before its first step."""
        with outages():
            found = await self._books.find_one({"_id": tenant_id})
        if found is None:
            return StepBook(tenant_id)
        steps = tuple(Step(one["k"], bytes(one["f"]), int(one["at"])) for one in found["steps"])
        return StepBook(
            tenant_id, int(found["v"]), int(found["target"]), int(found["quiet"]), steps
        )

    async def save(self, changed: StepBook) -> bool:
        """False when somebody else was first. quiet is not written: it only grows, by itself."""
        content = {
            "v": changed.version,
            "target": changed.target_ms,
            "steps": [
                {"k": one.key, "f": one.fingerprint, "at": one.target_ms} for one in changed.steps
            ],
        }
        with outages():
            if changed.version == 1:
                try:
                    await self._books.insert_one({"_id": changed.tenant_id, "quiet": 0, **content})
                except DuplicateKeyError:
                    return False
                return True
            before = {"_id": changed.tenant_id, "v": changed.version - 1}
            result = await self._books.update_one(before, {"$set": content})
        return bool(result.matched_count)

    async def settle(self, tenant_id: str, quiet_ms: int) -> None:
        """Notes up to when everything has happened."""
        with outages():
            await self._books.update_one({"_id": tenant_id}, {"$max": {"quiet": quiet_ms}})

    async def lease(self, tenant_id: str, holder: str, now_ms: int, until_ms: int) -> bool:
        """Takes or prolongs the right to move the clock; False while another has it.

        It only keeps two from getting into each other's way: each step is safe without it.
        """
        mine = [{"lease.by": holder}, {"lease.until": {"$not": {"$gt": now_ms}}}]
        with outages():
            result = await self._books.update_one(
                {"_id": tenant_id, "$or": mine},
                {"$set": {"lease": {"by": holder, "until": until_ms}}},
            )
        return bool(result.matched_count)

    async def release(self, tenant_id: str, holder: str) -> None:
        """Gives it back."""
        with outages():
            await self._books.update_one(
                {"_id": tenant_id, "lease.by": holder}, {"$unset": {"lease": ""}}
            )

    async def next_due_ms(self, tenant_id: str, after_ms: int) -> int | None:
        """When the next trigger, date, expiry or message is due after an instant; None for none."""
        running = CampaignState.RUNNING.value
        places: tuple[tuple[str, dict[str, Any], str], ...] = (
            ("triggers", {"t": tenant_id, "state": "WAITING"}, "due_ms"),
            ("campaigns", {"t": tenant_id, "state": running}, "next.due_ms"),
            ("accounts", {"_id.t": tenant_id}, "due_ms"),
            ("messages", {"_id.t": tenant_id}, "wake_ms"),
        )
        found: list[int] = []
        with outages():
            for name, condition, field in places:
                query = {**condition, field: {"$gt": after_ms}}
                one = await self._database[name].find_one(
                    query, {field: 1}, sort=[(field, ASCENDING)]
                )
                if one is not None:
                    found.append(_at(one, field))
        return min(found, default=None)

    async def erase(self, tenant_id: str) -> int:
        """Deletes all that this service holds of a tenant; how many documents that were."""
        with outages(), pymongo.timeout(_DELETE_SECONDS):
            return await delete_tenant(self._database, PLACES, tenant_id)


def _at(document: Mapping[str, Any], path: str) -> int:
    value: Any = document
    for name in path.split("."):
        value = value[name]
    return int(value)
