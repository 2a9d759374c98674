"""Consent end to end: what a customer allows decides at once which segments she is in."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dangol.events.v1.event_pb2 import Event
from dangol.events.v1.membership_pb2 import ChangeKind
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1 import event_service_pb2 as events
from dangol.profile.v1 import tenant_service_pb2 as tenants
from dangol.segmentation.v1 import evaluation_service_pb2 as evaluation
from dangol.segmentation.v1 import segment_service_pb2 as segments
from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from dangol_dev.client import Client, Connection
from dangol_dev.demo import connect
from dangol_dev.stack import Stack
from dangol_service_kit.auth import Role

SHOP = "consenting"
SEGMENT = "buyers-to-write-to"
RULE = "consent.email and count(purchase) >= 1"

pytestmark = pytest.mark.timeout(180)


class Shop:
    """One tenant on a running stack."""

    def __init__(self, stack: Stack, connection: Connection) -> None:
        self.stack = stack
        self.connection = connection
        self.admin = Client(connection, lambda: stack.token(SHOP, Role.ADMIN))

    async def create(self) -> None:
        """The tenant and its segment."""
        operator = Client(self.connection, lambda: self.stack.token("*", Role.OPERATOR))
        tenant = tenants.Tenant(
            tenant_id=SHOP,
            display_name="Consenting",
            time_zone="Asia/Seoul",
            currency_code="KRW",
            language="ko",
            clock_mode=tenants.CLOCK_MODE_WALL,
        )
        request = tenants.CreateTenantRequest(tenant=tenant)
        await operator.call(operator.tenants.CreateTenant, request)
        await self.admin.call(
            self.admin.segments.CreateSegment,
            segments.CreateSegmentRequest(
                request_id=str(uuid.uuid4()),
                segment=segments.Segment(segment_id=SEGMENT, rule=RULE),
            ),
        )

    async def buy(self, namespace: str, value: str) -> str:
        """A purchase; answers the customer's id."""
        event = Event(event_id=str(uuid.uuid4()), type="purchase")
        event.customer.namespace, event.customer.value = namespace, value
        event.occurred_at.FromSeconds(int(time.time()) - 60)
        answer = await self.admin.call(
            self.admin.events.RecordEvents, events.RecordEventsRequest(events=[event])
        )
        assert [events.RECORD_OUTCOME_RECORDED] == [one.outcome for one in answer.results]
        request = customers.GetCustomerRequest()
        request.identifier.CopyFrom(event.customer)
        found = await self.admin.call(self.admin.customers.GetCustomer, request)
        return found.customer.customer_id

    async def decide(self, customer_id: str, granted: bool) -> list[tuple[str, str]]:
        """SetConsent for email; answers (segment, kind) of the changes in its answer."""
        entry = customers.ConsentEntry(
            purpose="marketing", channel="email", granted=granted, source="preference page"
        )
        me = Client(self.connection, lambda: self.stack.token(SHOP, Role.CUSTOMER, customer_id))
        answer = await me.call(
            me.customers.SetConsent,
            customers.SetConsentRequest(
                request_id=str(uuid.uuid4()), customer_id=customer_id, entries=[entry]
            ),
        )
        assert not answer.changes_pending
        return [(one.segment_id, ChangeKind.Name(one.kind)) for one in answer.changes]

    async def members(self) -> dict[str, int]:
        """Who is in the segment now, with the number of the stay."""
        request = segments.ListMembersRequest(segment_id=SEGMENT)
        answer = await self.admin.call(self.admin.segments.ListMembers, request)
        return {one.customer_id: one.stint for one in answer.members}

    async def ready(self) -> bool:
        """Whether segmentation has rebuilt its state."""
        stub = EvaluationServiceStub(self.connection.segmentation)
        answer = await self.admin.call(stub.GetReadiness, evaluation.GetReadinessRequest())
        return bool(answer.ready)


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """A stack with one tenant and the segment."""
    directory: Path = tmp_path_factory.mktemp("consent")
    async with Stack(directory, mongod_cache_gb=0.25) as stack:
        connection = connect(stack)
        made = Shop(stack, connection)
        await made.create()
        # The first call of a service to another sets the connection up.
        await made.buy("member", "first")
        yield made
        await connection.close()


ENTERED = (SEGMENT, "CHANGE_KIND_ENTERED")
EXITED = (SEGMENT, "CHANGE_KIND_EXITED")


async def test_granting_enters_and_withdrawing_leaves_within_the_answer(shop: Shop) -> None:
    """Each change is in the answer to the decision, and in the list of members right after it."""
    kim = await shop.buy("member", "kim")
    assert kim not in await shop.members()
    assert [ENTERED] == await shop.decide(kim, granted=True)
    assert 1 == (await shop.members())[kim]
    assert [EXITED] == await shop.decide(kim, granted=False)
    assert kim not in await shop.members()
    assert [ENTERED] == await shop.decide(kim, granted=True)
    assert 2 == (await shop.members())[kim]


async def test_what_a_visitor_allowed_goes_with_her_when_she_becomes_a_member(shop: Shop) -> None:
    """The visitor leaves with the merge, and the member is in by her consent."""
    visitor = await shop.buy("device", "phone-lee")
    assert [ENTERED] == await shop.decide(visitor, granted=True)
    lee = await shop.buy("member", "lee")
    assert lee not in await shop.members()
    request = customers.IdentifyCustomerRequest(request_id=str(uuid.uuid4()))
    request.identifiers.add(namespace="device", value="phone-lee")
    request.identifiers.add(namespace="member", value="lee")
    answer = await shop.admin.call(shop.admin.customers.IdentifyCustomer, request)
    assert lee == answer.customer.customer_id
    members = await shop.members()
    assert (True, False) == (lee in members, visitor in members)


async def test_consent_is_computed_anew_when_redis_was_lost(shop: Shop) -> None:
    """The log is in MongoDB; the memberships are the same, with the same numbers."""
    choi = await shop.buy("member", "choi")
    park = await shop.buy("member", "park")
    assert [ENTERED] == await shop.decide(choi, granted=True)
    assert [ENTERED] == await shop.decide(park, granted=True)
    assert [EXITED] == await shop.decide(park, granted=False)
    before = await shop.members()
    await shop.stack.delete_redis()
    await asyncio.sleep(2)
    async with asyncio.timeout(60):
        while not await shop.ready():
            await asyncio.sleep(0.1)
    assert before == await shop.members()
    assert (True, False) == (choi in before, park in before)
