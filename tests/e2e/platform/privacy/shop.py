"""One tenant on a running stack, with a rule over what is sealed, and a collector of traces."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

import grpc
from dangol.profile.v1 import survey_service_pb2 as surveys
from dangol.profile.v1 import tenant_service_pb2 as tenants
from dangol.profile.v1.survey_service_pb2_grpc import SurveyServiceStub
from dangol.segmentation.v1 import segment_service_pb2 as segments
from dangol_dev.client import Client, Connection
from dangol_dev.processes import free_port
from dangol_dev.stack import Stack
from dangol_service_kit.auth import Role
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as metrics_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as traces_grpc

SHOP = "private"
SEGMENT = "searchers"
SURVEY = "wishes"
# Keeps values of a sealed property in segmentation's state.
RULE = (
    "distinct(search.properties.short, 90d) >= 1 and "
    'count(search where properties.query != "", 90d) >= 1'
)


class Collector(traces_grpc.TraceServiceServicer, metrics_grpc.MetricsServiceServicer):
    """Keeps every span and metric that the services export, as bytes."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.target = f"127.0.0.1:{free_port()}"
        self._server: grpc.aio.Server | None = None

    async def start(self) -> None:
        """Listens."""
        self._server = grpc.aio.server()
        add_service: Any = traces_grpc.add_TraceServiceServicer_to_server
        add_service(self, self._server)
        add_service = metrics_grpc.add_MetricsServiceServicer_to_server
        add_service(self, self._server)
        self._server.add_insecure_port(self.target)
        await self._server.start()

    async def stop(self) -> None:
        """Goes away."""
        if self._server is not None:
            await self._server.stop(None)

    async def Export(  # noqa: N802
        self, request: Any, _context: Any
    ) -> Any:
        """One export, of either kind."""
        self.received.append(request.SerializeToString())
        if isinstance(request, traces.ExportTraceServiceRequest):
            return traces.ExportTraceServiceResponse()
        return metrics.ExportMetricsServiceResponse()


class Traced(Client):
    """A caller each of whose calls is traced: of others one in a hundred is."""

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The credentials, and a trace that is sampled."""
        trace = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
        return (*super().metadata(), ("traceparent", trace))


class Shop:
    """The tenant; admin speaks for it."""

    def __init__(self, stack: Stack, connection: Connection) -> None:
        self.stack = stack
        self.connection = connection
        self.admin = Traced(connection, lambda: stack.token(SHOP, Role.ADMIN))
        self.surveys: Any = SurveyServiceStub(connection.profile)

    def client(self, role: Role, subject: str = "tester", tenant_id: str = SHOP) -> Client:
        """A caller of a role."""
        return Traced(self.connection, lambda: self.stack.token(tenant_id, role, subject))

    async def create(self) -> None:
        """The tenant, its segment and its survey."""
        operator = Client(self.connection, lambda: self.stack.token("*", Role.OPERATOR))
        tenant = tenants.Tenant(
            tenant_id=SHOP,
            display_name="Private",
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

        survey = surveys.Survey(survey_id=SURVEY, titles={"ko": "바라는 점"})
        for name, kind in (
            ("wish", surveys.QUESTION_KIND_TEXT),
            ("worry", surveys.QUESTION_KIND_TEXT),
            ("size", surveys.QUESTION_KIND_NUMBER),
        ):
            survey.questions.add(
                question_id=name,
                kind=kind,
                texts={"ko": name},
                field="worry" if name == "worry" else "",
            )
        await self.admin.call(
            self.surveys.DefineSurvey,
            surveys.DefineSurveyRequest(request_id=str(uuid.uuid4()), survey=survey),
        )

    async def members(self) -> set[str]:
        """Who is in the segment."""
        request = segments.ListMembersRequest(segment_id=SEGMENT)
        answer = await self.admin.call(self.admin.segments.ListMembers, request)
        return {one.customer_id for one in answer.members}
