"""InsightService over gRPC."""

from __future__ import annotations

from datetime import date
from typing import Final

from dangol.profile.v1 import insight_service_pb2 as pb
from dangol_service_kit.auth import Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.actions import Missed, suggest
from profile_service.rpc import Context, outages
from profile_service.rpc_segment_reports import SegmentReportRpc
from profile_service.rpc_stores import own_stores
from profile_service.service_segment_reports import SegmentReportService
from profile_service.service_shop_figures import Asked, ShopFiguresService
from profile_service.service_tenants import StoreDirectory
from profile_service.shop_figures import Scope, Unit, Windows

SERVICE_NAME = "dangol.profile.v1.InsightService"
_ROLES: Final = (Role.ADMIN, Role.MARKETER, Role.STAFF, Role.SERVICE)
_DEFAULT: Final = Windows()


class InsightRpc(SegmentReportRpc):
    """Those who run the shop see its figures; staff those of their stores."""

    def __init__(
        self,
        service: ShopFiguresService,
        directory: StoreDirectory,
        reports: SegmentReportService,
    ) -> None:
        super().__init__(reports, directory)
        self._service = service
        self._directory = directory

    async def ListStoreFigures(  # noqa: N802
        self, request: pb.ListStoreFiguresRequest, _context: Context
    ) -> pb.ListStoreFiguresResponse:
        """Errors: FIELD_INVALID, ROLE_NOT_ALLOWED for staff who ask for more than stores."""
        caller = require(*_ROLES)
        scope = Scope(pb.FigureScope.Name(request.scope).removeprefix("FIGURE_SCOPE_"))
        asked = Asked(
            scope,
            Unit(pb.FigureUnit.Name(request.unit).removeprefix("FIGURE_UNIT_")),
            _date(request.first_date, "first_date"),
            _date(request.last_date, "last_date"),
            Windows(
                request.lost_after_days or _DEFAULT.lost_after_days,
                request.risk_after_days or _DEFAULT.risk_after_days,
                request.value_days or _DEFAULT.value_days,
            ),
            _scope_ids(caller, scope, list(request.scope_ids)),
        )
        with outages():
            figures, now_ms = await self._service.figures(caller.tenant_id, asked)
            currency_code = (await self._directory.get(caller.tenant_id)).currency_code
        response = pb.ListStoreFiguresResponse()
        response.as_of.FromMilliseconds(now_ms)
        for one in figures:
            found = response.figures.add(
                scope_id=one.scope_id,
                date=one.first_day.isoformat(),
                order_count=one.order_count,
                active_count=one.active_count,
                new_count=one.new_count,
                returning_count=one.returning_count,
                won_back_count=one.won_back_count,
                lost_count=one.lost_count,
                at_risk_count=one.at_risk_count,
            )
            found.revenue.currency_code = currency_code
            found.revenue.minor_units = one.revenue
            found.revenue_at_risk.currency_code = currency_code
            found.revenue_at_risk.minor_units = one.revenue_at_risk
        return response

    async def SuggestActions(  # noqa: N802
        self, request: pb.SuggestActionsRequest, _context: Context
    ) -> pb.SuggestActionsResponse:
        """From what is sent alone."""
        require(*_ROLES)
        missed = [
            Missed(one.kind, one.customer_count, one.revenue_minor_units) for one in request.missed
        ]
        response = pb.SuggestActionsResponse()
        for one in suggest(missed, request.due_task_count):
            response.actions.add(
                action=f"ACTION_KIND_{one.action}",
                kind=one.kind,
                customer_count=one.customer_count,
                revenue_minor_units=one.revenue,
                reasons=dict(one.reasons),
            )
        return response


def _scope_ids(caller: Caller, scope: Scope, named: list[str]) -> list[str] | None:
    """Of which scopes; None for all of them."""
    own = own_stores(caller)
    if own is not None:
        if scope is not Scope.STORE:
            raise RpcFailure(Code.ROLE_NOT_ALLOWED, "staff see the figures of their stores")
        return [one for one in own if one in named] if named else own
    if scope is Scope.TENANT and named:
        message = "the tenant is one: send none, or ask for stores or regions"
        raise RpcFailure(Code.FIELD_INVALID, message, field="scope_ids")
    return named or None


def _date(text: str, field: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise RpcFailure(Code.FIELD_INVALID, "there is no such day", field=field) from None
    if not 1970 <= found.year < 9000:
        raise RpcFailure(Code.FIELD_INVALID, "send a day from 1970 on", field=field)
    return found
