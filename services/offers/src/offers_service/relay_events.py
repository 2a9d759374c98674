"""Entries of the journal as events of their customers, and their way to profile."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dangol.events.v1 import event_pb2
from dangol.profile.v1 import event_service_pb2 as pb
from dangol_service_kit import logs
from dangol_service_kit.client import call

from offers_service.ledger import ENTRY_EVENT_TYPES

if TYPE_CHECKING:
    from dangol.profile.v1.event_service_pb2_grpc import EventServiceAsyncStub

# What tier_changed says for a customer in no tier.
NO_TIER = "none"
_NAMESPACE = uuid.UUID("5d1c2f0e-8f4b-5a53-9f63-0d7a6a3a3c11")
_BATCH = 500
_TIMEOUT_SECONDS = 10.0

_log = logs.get_logger()


def to_event(
    account_id: str, entry: Mapping[str, Any], currency_code: str = ""
) -> event_pb2.Event | None:
    """The event that an entry is to the customer it concerns; None for none. A redemption tells
    what it took off, where the currency is known."""
    event_type = ENTRY_EVENT_TYPES.get(entry["kind"])
    if event_type is None or entry.get("origin", "").startswith("same:"):
        return None
    at_ms: int = entry["at_ms"]
    event = event_pb2.Event(
        event_id=str(uuid.uuid5(_NAMESPACE, f"{account_id}/{entry['n']}")),
        customer=event_pb2.CustomerRef(namespace="customer", value=entry["owner"]),
        type=event_type,
        order_id=entry.get("order", ""),
    )
    event.occurred_at.FromMilliseconds(at_ms)
    if entry["kind"] == "redeem" and entry.get("discount") and currency_code:
        event.amount.currency_code = currency_code
        event.amount.minor_units = entry["discount"]
    for name, value in _facts(account_id, entry).items():
        if value:
            event.properties[name].text = value
    return event


def _facts(account_id: str, entry: Mapping[str, Any]) -> dict[str, str]:
    if entry["kind"] == "tier":
        direction, _, tiers = entry["origin"].partition(":")
        before, _, after = tiers.partition(">")
        return {"from": before or NO_TIER, "to": after or NO_TIER, "direction": direction}
    if account_id.startswith(("in_", "iv_")):
        invitation_id = entry.get("gift", "") or account_id
        return {"invitation_id": invitation_id, "inviter_id": entry.get("origin", "")}
    if account_id.startswith("sd_"):
        return {"discount_id": account_id, "offer_id": entry.get("offer", "")}
    if account_id.startswith("p_"):
        return {"gift_id": entry.get("gift", "")}
    return {
        "coupon_id": account_id,
        "offer_id": entry.get("offer", ""),
        "campaign_id": entry.get("campaign", ""),
    }


class EventSender:
    """Sends events to profile under the service's own token."""

    def __init__(self, stub: EventServiceAsyncStub, token: Callable[[str], str]) -> None:
        self._stub = stub
        self._token = token

    async def send(self, tenant_id: str, events: Sequence[event_pb2.Event]) -> bool:
        """Records the events in order; answers whether changes of membership are pending.

        Raises RpcFailure when profile did not answer: then send them again.
        """
        pending = False
        for start in range(0, len(events), _BATCH):
            response = await call(
                self._stub.RecordEvents,
                pb.RecordEventsRequest(events=events[start : start + _BATCH]),
                token=self._token(tenant_id),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
            pending = pending or response.changes_pending
            rejected = Counter(
                result.code
                for result in response.results
                if result.outcome == pb.RECORD_OUTCOME_REJECTED
            )
            if rejected:
                # Sending them again would change nothing.
                _log.warning("relay_events_rejected", tenant=tenant_id, codes=dict(rejected))
        return pending
