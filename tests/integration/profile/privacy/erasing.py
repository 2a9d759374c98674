"""Customers to be erased, and what can be asked about it."""

from __future__ import annotations

import uuid
from typing import Any

import bson
from dangol.profile.v1 import customer_service_pb2 as customer_pb
from dangol.profile.v1 import privacy_service_pb2 as pb
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from dangol_service_kit.auth import Role

from tests.integration.profile.harness import Client, Platform, event, eventually

OFFERS = pb.ERASURE_PART_OFFERS


class Eraser:
    """Asks for erasures, and plays the offers service's part."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.stub: Any = PrivacyServiceStub(platform.channel)
        self.admin = platform.client(Role.ADMIN)
        self.service = platform.client(Role.SERVICE)

    async def erase(
        self, customer_id: str, request_id: str = "", client: Client | None = None
    ) -> pb.EraseCustomerResponse:
        """EraseCustomer with a fresh request id unless one is given."""
        request = pb.EraseCustomerRequest(
            request_id=request_id or str(uuid.uuid4()), customer_id=customer_id, reason="withdrawal"
        )
        answer: pb.EraseCustomerResponse = await (client or self.admin).call(
            self.stub.EraseCustomer, request
        )
        return answer

    async def get(self, customer_id: str) -> pb.Erasure:
        """GetErasure."""
        request = pb.GetErasureRequest(customer_id=customer_id)
        answer = await self.admin.call(self.stub.GetErasure, request)
        erasure: pb.Erasure = answer.erasure
        return erasure

    async def waiting(self) -> list[pb.Erasure]:
        """What offers has still to do, in all tenants."""
        client = self.platform.client(Role.SERVICE, "*")
        request = pb.ListErasuresRequest(waiting_for=OFFERS)
        return list((await client.call(self.stub.ListErasures, request)).erasures)

    async def acknowledge(self, customer_id: str, *ids: str, count: int = 3) -> pb.Erasure:
        """Offers is through with these customers."""
        request = pb.AcknowledgeErasureRequest(
            customer_id=customer_id, part=OFFERS, customer_ids=ids or [customer_id], count=count
        )
        answer = await self.service.call(self.stub.AcknowledgeErasure, request)
        erasure: pb.Erasure = answer.erasure
        return erasure

    async def complete(self, customer_id: str) -> bool:
        """Whether nothing is left to do."""
        return (await self.get(customer_id)).HasField("complete_time")

    async def carry_out(self, customer_id: str) -> None:
        """Acknowledges whenever offers is waited for, until nothing is left to do."""

        async def complete() -> bool:
            erasure = await self.get(customer_id)
            await self.acknowledge(customer_id, *erasure.customer_ids)
            return erasure.HasField("complete_time")

        await eventually(complete)


async def make_customer(platform: Platform, name: str) -> str:
    """A member with a phone and a device, a note, an event under each, and a consent; her id."""
    partner, admin = platform.client(Role.PARTNER), platform.client(Role.ADMIN)
    names = [(kind, f"{kind}-{name}") for kind in ("member", "phone", "device")]
    made = await partner.identify(*names, display_name=f"name-{name}", note=f"note-{name}")
    for kind, value in names:
        sent = event(kind, value, "search")
        sent.properties["query"].text = f"query-{name}"
        await partner.record(sent)
    request = customer_pb.SetConsentRequest(
        request_id=str(uuid.uuid4()), customer_id=made.customer.customer_id
    )
    request.entries.add(purpose="marketing", channel="sms", granted=True, source=f"form-{name}")
    await admin.call(admin.customers.SetConsent, request)
    return made.customer.customer_id


async def data_keys(platform: Platform) -> set[bytes]:
    """Every sealed data key that stands anywhere in the database."""
    places = (("customers", "data_key"), ("identifiers", "k"), ("consents", "k"))
    return {
        bytes(found[field])
        for name, field in places
        async for found in platform.database[name].find({field: {"$nin": [b"", None]}})
    }


async def everything(platform: Platform) -> bytes:
    """All documents of the service's database, one after the other."""
    parts = []
    for name in await platform.database.list_collection_names():
        parts += [bson.encode(found) async for found in platform.database[name].find()]
    return b"".join(parts)
