"""dangol.offers.v1.StaffDiscountService."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dangol.offers.v1 import staff_discount_service_pb2 as pb
from dangol.offers.v1 import staff_discount_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.codes import Secrets
from offers_service.journal import Request
from offers_service.rpc_common import (
    SHOPS,
    actor,
    amount,
    authorize,
    authorize_for,
    failures,
    money,
    page_after,
    page_size,
    timestamp,
)
from offers_service.rpc_growth import bounds
from offers_service.service_points import Directory
from offers_service.service_staff import Claiming, StaffDesk, StaffFigures, Wanted
from offers_service.staff_allowances import Allowance
from offers_service.staff_discounts import (
    DiscountDecision,
    Link,
    StaffDiscount,
    StaffDiscountOutcome,
    shown_state,
)
from offers_service.store_staff import GivenBy

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["StaffDiscountService"].full_name
_WRITERS = (Role.ADMIN, Role.MARKETER)
_STAFF = (Role.STAFF, *_WRITERS)
_CLAIMERS = (*SHOPS, Role.CUSTOMER)
_OPEN_SECONDS_DEFAULT = 7 * 86_400
_PREFIX = f"{Role.STAFF.value}:"


class StaffDiscountServicer(pb_grpc.StaffDiscountServiceServicer):
    """protobuf <-> staff's discounts. Staff see and take back their own only."""

    def __init__(
        self,
        desk: StaffDesk,
        clock: Clock,
        directory: Directory,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._directory = directory
        self._secrets_of = secrets_of

    async def SetStaffAllowance(  # noqa: N802
        self, request: pb.SetStaffAllowanceRequest, _context: Any
    ) -> pb.SetStaffAllowanceResponse:
        """Errors: VERSION_CONFLICT, CURRENCY_MISMATCH, FIELD_INVALID."""
        caller = authorize(*_WRITERS)
        currency = await self._currency(caller)
        message, staff = request.allowance, _named(request.staff_id)
        wanted = Allowance(
            version=request.expected_version + 1,
            offer=message.offer_id,
            once_minor_units=amount(message.once_max, currency, "allowance.once_max"),
            day_minor_units=amount(message.day_max, currency, "allowance.day_max"),
            month_minor_units=amount(message.month_max, currency, "allowance.month_max"),
        )
        with failures():
            stored = await self._desk.store.put(caller.tenant_id, staff, wanted)
            if not stored and await self._desk.store.own(caller.tenant_id, staff) != wanted:
                conflict = "the allowance changed since it was read: read it again"
                raise RpcFailure(Code.VERSION_CONFLICT, conflict, field="expected_version")
        return pb.SetStaffAllowanceResponse(allowance=_allowance(wanted, currency))

    async def GetStaffAllowance(  # noqa: N802
        self, request: pb.GetStaffAllowanceRequest, _context: Any
    ) -> pb.GetStaffAllowanceResponse:
        """With what was given of it today and this month."""
        caller = _authorize_staff(request.staff_id)
        currency, now_ms = await self._currency(caller), await self._now_ms(caller)
        with failures():
            left = await self._desk.left(caller.tenant_id, _named(request.staff_id), now_ms)
        return pb.GetStaffAllowanceResponse(
            allowance=_allowance(left.allowance, currency) if left.allowance else None,
            day_spent=money(left.day_spent, currency),
            month_spent=money(left.month_spent, currency),
        )

    async def GiveStaffDiscount(  # noqa: N802
        self, request: pb.GiveStaffDiscountRequest, _context: Any
    ) -> pb.GiveStaffDiscountResponse:
        """Errors: FIELD_INVALID for no amount, ROLE_NOT_ALLOWED for another store."""
        caller = authorize(Role.STAFF)
        if caller.stores and request.store_id not in caller.stores:
            raise RpcFailure(Code.ROLE_NOT_ALLOWED, "store_id: use a store of your own")
        worth = amount(request.amount, await self._currency(caller), "amount")
        if not worth:
            raise RpcFailure(Code.FIELD_INVALID, "use more than 0", field="amount.minor_units")
        identifiers = tuple([(one.namespace, one.value) for one in request.identifiers])
        content = [part for one in identifiers for part in one]
        asked = self._request(caller, request.request_id, "give", worth, request.store_id, *content)
        wanted = Wanted(
            request=asked,
            store=request.store_id,
            amount=worth,
            open_seconds=request.open_seconds or _OPEN_SECONDS_DEFAULT,
            identifiers=identifiers,
            now_ms=await self._now_ms(caller),
        )
        with failures():
            decided = await self._desk.give(caller.tenant_id, asked.actor, wanted)
        applied = decided.outcome is StaffDiscountOutcome.APPLIED
        shown = decided.account if applied else None
        secrets = self._secrets_of(caller.tenant_id)
        return pb.GiveStaffDiscountResponse(
            outcome=_outcome(decided),
            discount=await self._shown(caller, shown),
            code=secrets.code(shown.key.a, 0) if shown else "",
        )

    async def ClaimStaffDiscount(  # noqa: N802
        self, request: pb.ClaimStaffDiscountRequest, _context: Any
    ) -> pb.ClaimStaffDiscountResponse:
        """Identifiers are the shop's to vouch for."""
        signs_up = request.HasField("sign_up")
        if signs_up:
            caller = authorize(*SHOPS)
        else:
            caller = authorize_for(request.customer_id, "customer_id", *_CLAIMERS)
        refs = request.sign_up.identifiers
        identifiers = tuple([(one.namespace, one.value) for one in refs])
        content = [part for one in identifiers for part in one]
        claiming = Claiming(
            request=self._request(
                caller, request.request_id, "claim", request.code, request.customer_id, *content
            ),
            claimer=request.customer_id,
            identifiers=identifiers,
            now_ms=await self._now_ms(caller),
        )
        with failures():
            decided = await self._desk.claim(caller.tenant_id, request.code, claiming)
        applied = decided.outcome is StaffDiscountOutcome.APPLIED
        return pb.ClaimStaffDiscountResponse(
            outcome=_outcome(decided),
            discount=await self._shown(caller, decided.account if applied else None),
        )

    async def CancelStaffDiscount(  # noqa: N802
        self, request: pb.CancelStaffDiscountRequest, _context: Any
    ) -> pb.CancelStaffDiscountResponse:
        """Takes back what nobody has claimed."""
        caller = authorize(*_STAFF)
        asked = self._request(caller, request.request_id, "cancel", request.discount_id)
        only = actor(caller) if caller.role is Role.STAFF else ""
        now_ms = await self._now_ms(caller)
        with failures():
            decided = await self._desk.cancel(
                caller.tenant_id, request.discount_id, asked, only, now_ms
            )
        return pb.CancelStaffDiscountResponse(
            outcome=_outcome(decided), discount=await self._shown(caller, decided.account)
        )

    async def ListStaffDiscounts(  # noqa: N802
        self, request: pb.ListStaffDiscountsRequest, _context: Any
    ) -> pb.ListStaffDiscountsResponse:
        """Discounts of one member of staff in order of id."""
        caller = _authorize_staff(request.staff_id)
        size = page_size(request.page_size)
        with failures():
            found = await self._desk.given(
                caller.tenant_id,
                _named(request.staff_id),
                after=page_after(request.page_token, "sd_"),
                limit=size + 1,
            )
        currency, now_ms = await self._currency(caller), await self._now_ms(caller)
        return pb.ListStaffDiscountsResponse(
            discounts=[_write(one, currency, now_ms, full=True) for one in found[:size]],
            next_page_token=found[size - 1].key.a if len(found) > size else "",
        )

    async def ReportStaffDiscounts(  # noqa: N802
        self, request: pb.ReportStaffDiscountsRequest, _context: Any
    ) -> pb.ReportStaffDiscountsResponse:
        """By member of staff."""
        caller = authorize(*_WRITERS)
        from_ms, until_ms = bounds(request.from_time, request.until_time)
        currency, now_ms = await self._currency(caller), await self._now_ms(caller)
        size, after = page_size(request.page_size), page_after(request.page_token)
        given = GivenBy(from_ms, until_ms, after=_named(after), limit=size + 1)
        with failures():
            found = await self._desk.report(caller.tenant_id, given, now_ms)
        staff = [_figures(one, currency) for one in found[:size]]
        more = len(found) > size
        return pb.ReportStaffDiscountsResponse(
            staff=staff, next_page_token=staff[-1].staff_id if more else ""
        )

    async def _shown(
        self, caller: Caller, account: StaffDiscount | None
    ) -> pb.StaffDiscount | None:
        if account is None:
            return None
        currency, now_ms = await self._currency(caller), await self._now_ms(caller)
        return _write(account, currency, now_ms, full=caller.role in _STAFF)

    def _request(self, caller: Caller, request_id: str, *content: str | int) -> Request:
        secrets = self._secrets_of(caller.tenant_id)
        return Request(request_id, actor(caller), secrets.print(*content))

    async def _now_ms(self, caller: Caller) -> int:
        return (await self._clock.read(caller.tenant_id)).now_ms

    async def _currency(self, caller: Caller) -> str:
        return (await self._directory.get(caller.tenant_id)).currency_code


def _authorize_staff(staff_id: str) -> Caller:
    caller = authorize(*_STAFF)
    if caller.role is Role.STAFF and caller.subject != staff_id:
        raise RpcFailure(Code.ROLE_NOT_ALLOWED, "staff_id: staff see their own only")
    return caller


def _named(staff_id: str) -> str:
    """As the journal names whoever gave; "" for everybody."""
    return f"{_PREFIX}{staff_id}" if staff_id else ""


def _outcome(decided: DiscountDecision) -> str:
    return f"STAFF_DISCOUNT_OUTCOME_{decided.outcome.name}"


def _allowance(allowance: Allowance, currency: str) -> pb.StaffAllowance:
    return pb.StaffAllowance(
        version=allowance.version,
        offer_id=allowance.offer,
        once_max=money(allowance.once_minor_units, currency),
        day_max=money(allowance.day_minor_units, currency),
        month_max=money(allowance.month_minor_units, currency),
    )


def _write(account: StaffDiscount, currency: str, now_ms: int, *, full: bool) -> pb.StaffDiscount:
    return pb.StaffDiscount(
        discount_id=account.key.a,
        staff_id=account.owner.removeprefix(_PREFIX) if full else "",
        store_id=account.store,
        amount=money(account.amount, currency),
        state=f"STAFF_DISCOUNT_STATE_{shown_state(account, now_ms).name}",
        give_time=timestamp(account.given_ms),
        expire_time=timestamp(account.expire_ms),
        claim_time=timestamp(account.claimed_ms),
        store_customer_id=account.customer if full else "",
        claimer_customer_id=account.claimer,
        linked=account.link == Link.LINKED,
        coupon_id=account.coupon,
    )


def _figures(one: StaffFigures, currency: str) -> pb.StaffDiscountFigures:
    return pb.StaffDiscountFigures(
        staff_id=one.staff.removeprefix(_PREFIX),
        given_count=one.given_count,
        given=money(one.given_minor_units, currency),
        claimed_count=one.claimed_count,
        linked_count=one.linked_count,
        cancelled_count=one.cancelled_count,
        expired_count=one.expired_count,
        redeemed_count=one.redeemed_count,
        redeemed=money(one.redeemed_minor_units, currency),
    )
