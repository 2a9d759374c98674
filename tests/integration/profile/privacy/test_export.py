"""What profile has to say of one customer, piece by piece."""

from __future__ import annotations

import json
import uuid
from typing import Any

import grpc
import pytest
from dangol.profile.v1 import contact_service_pb2 as contact_pb
from dangol.profile.v1 import privacy_service_pb2 as pb
from dangol.profile.v1.contact_service_pb2_grpc import ContactServiceStub
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from dangol_service_kit.auth import Role

from tests.integration.profile.harness import Platform, event
from tests.integration.profile.privacy.erasing import Eraser, make_customer


async def export(platform: Platform, customer_id: str) -> list[tuple[str, dict[str, Any]]]:
    """(section, content) of every piece, for an admin."""
    stub: Any = PrivacyServiceStub(platform.channel)
    client = platform.client(Role.ADMIN)
    request = pb.ExportCustomerRequest(customer_id=customer_id)
    stream = stub.ExportCustomer(request, metadata=client.metadata, timeout=30)
    return [(one.record.section, json.loads(one.record.json)) async for one in stream]


async def _reveal(platform: Platform, customer_id: str) -> None:
    stub: Any = ContactServiceStub(platform.channel)
    request = contact_pb.RevealContactsRequest(channel="sms", recipient="sender-1")
    request.wanted.add(customer_id=customer_id, message_id="m_1")
    await platform.client(Role.SERVICE).call(stub.RevealContacts, request)


async def test_who_was_told_her_address_is_told_to_her(platform: Platform) -> None:
    """Recipient, purpose and time; also of before a merge."""
    partner = platform.client()
    visitor = (await partner.identify(("phone", "phone-visitor"))).customer.customer_id
    kim = await make_customer(platform, "kim")
    await _reveal(platform, visitor)
    await partner.identify(("phone", "phone-visitor"), ("member", "member-kim"))
    await _reveal(platform, kim)
    exported = await export(platform, visitor)
    told = [piece for section, piece in exported if section == "disclosure"]
    assert [("sender-1", "sms", 2), ("sender-1", "sms", 1)] == [
        (one["recipient"], one["channel"], one["addressCount"]) for one in told
    ]
    assert [{"customerId": visitor}] == [
        piece for section, piece in exported if section == "merged_customer"
    ]


async def test_an_export_has_more_than_one_page_of_events(platform: Platform) -> None:
    """Each once, newest first."""
    kim = await make_customer(platform, "kim")
    sent = [
        event("member", "member-kim", event_id=str(uuid.uuid4()), at_seconds=1_600_000_000 + number)
        for number in range(600)
    ]
    await platform.client().record(*sent)
    exported = await export(platform, kim)
    events = [piece["eventId"] for section, piece in exported if section == "event"]
    assert [one.event_id for one in reversed(sent)] == events[3:]
    assert 603 == len(events)


async def test_of_one_erased_nothing_is_exported(platform: Platform) -> None:
    """As of one who never was."""
    kim = await make_customer(platform, "kim")
    await Eraser(platform).erase(kim)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await export(platform, kim)
    assert grpc.StatusCode.NOT_FOUND is caught.value.code()
