"""What must be the same after everything in Redis is gone: members, and accounts of the journal."""

import asyncio

from dangol.offers.v1 import ledger_service_pb2 as ledger
from dangol.segmentation.v1 import evaluation_service_pb2 as evaluation
from dangol.segmentation.v1 import segment_service_pb2 as segments
from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from dangol_dev.client import Client, Connection


async def members_of(admin: Client) -> dict[str, dict[str, tuple[int, int]]]:
    """{segment: {customer: (stint, entered_at in ms)}} of one tenant."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    async for segment in admin.pages(
        admin.segments.ListSegments, segments.ListSegmentsRequest(), "segments"
    ):
        request = segments.ListMembersRequest(segment_id=segment.segment_id, page_size=1000)
        found[segment.segment_id] = {
            member.customer_id: (member.stint, member.entered_at.ToMilliseconds())
            async for member in admin.pages(admin.segments.ListMembers, request, "members")
        }
    return found


async def rebuilt(connection: Connection, admin: Client) -> None:
    """Wait until segmentation has rebuilt every partition."""
    stub = EvaluationServiceStub(connection.segmentation)
    async with asyncio.timeout(120):
        while True:
            answer = await admin.call(stub.GetReadiness, evaluation.GetReadinessRequest())
            if answer.ready:
                return
            await asyncio.sleep(0.1)


async def accounts_of(admins: list[Client]) -> list[int]:
    """Accounts in each tenant's journal."""
    counts = []
    for admin in admins:
        last = None
        async for progress in admin.ledger.VerifyJournal(
            ledger.VerifyJournalRequest(), metadata=admin.metadata()
        ):
            last = progress
        assert last is not None
        assert last.fault_count == 0
        counts.append(last.accounts_checked)
    return counts
