"""The points programme on the wire."""

from __future__ import annotations

from dangol.offers.v1 import points_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure
from google.protobuf.timestamp_pb2 import Timestamp

from offers_service.points_program import Bonus, Program, Tier
from offers_service.rpc_common import amount, money, timestamp

_MONTHS_DEFAULT = 12
_HOLD_SECONDS_DEFAULT = 900
_GRACE_DAYS_DEFAULT = 7


def read_program(message: pb.PointsProgram, version: int, currency: str, time_zone: str) -> Program:
    """A programme as it was sent. Raises RpcFailure CURRENCY_MISMATCH or FIELD_INVALID."""
    per = amount(message.per_amount, currency, "program.per_amount")
    if not per:
        message_ = "use more than 0"
        raise RpcFailure(Code.FIELD_INVALID, message_, field="program.per_amount.minor_units")
    return Program(
        version=version,
        currency=currency,
        time_zone=time_zone,
        points=message.points,
        per_minor_units=per,
        valid_for_months=message.valid_for_months or _MONTHS_DEFAULT,
        worth_minor_units=message.worth_minor_units or 1,
        spend_minimum_points=message.spend_minimum_points,
        hold_seconds=message.hold_seconds or _HOLD_SECONDS_DEFAULT,
        restore_grace_days=message.restore_grace_days or _GRACE_DAYS_DEFAULT,
        gift_daily_points=message.gift_daily_points,
        gift_daily_count=message.gift_daily_count,
        bonuses=tuple([_read_bonus(one, currency) for one in message.bonuses]),
        tiers=tuple([_read_tier(one, currency) for one in message.tiers]),
    )


def write_program(program: Program) -> pb.PointsProgram:
    """A programme for the wire."""
    currency = program.currency
    return pb.PointsProgram(
        version=program.version,
        points=program.points,
        per_amount=money(program.per_minor_units, currency),
        valid_for_months=program.valid_for_months,
        worth_minor_units=program.worth_minor_units,
        spend_minimum_points=program.spend_minimum_points,
        hold_seconds=program.hold_seconds,
        restore_grace_days=program.restore_grace_days,
        gift_daily_points=program.gift_daily_points,
        gift_daily_count=program.gift_daily_count,
        bonuses=[_write_bonus(one, currency) for one in program.bonuses],
        tiers=[_write_tier(one, currency) for one in program.tiers],
    )


def _read_bonus(message: pb.PointsBonus, currency: str) -> Bonus:
    minimum = 0
    if message.HasField("minimum_order"):
        minimum = amount(message.minimum_order, currency, "program.bonuses.minimum_order")
    return Bonus(
        rule_id=message.rule_id,
        basis_points=message.basis_points,
        minimum_minor_units=minimum,
        from_ms=_milliseconds(message.start_time),
        until_ms=_milliseconds(message.end_time),
        campaign=message.campaign_id,
    )


def _write_bonus(bonus: Bonus, currency: str) -> pb.PointsBonus:
    minimum = bonus.minimum_minor_units
    return pb.PointsBonus(
        rule_id=bonus.rule_id,
        basis_points=bonus.basis_points,
        minimum_order=money(minimum, currency) if minimum else None,
        start_time=timestamp(bonus.from_ms),
        end_time=timestamp(bonus.until_ms),
        campaign_id=bonus.campaign,
    )


def _read_tier(message: pb.Tier, currency: str) -> Tier:
    threshold = amount(message.threshold, currency, "program.tiers.threshold")
    if not threshold:
        field = "program.tiers.threshold.minor_units"
        raise RpcFailure(Code.FIELD_INVALID, "use more than 0", field=field)
    return Tier(
        tier_id=message.tier_id,
        threshold_minor_units=threshold,
        display_names=dict(message.display_names),
        bonus_basis_points=message.bonus_basis_points,
        offers=tuple(message.offer_ids),
    )


def _write_tier(tier: Tier, currency: str) -> pb.Tier:
    return pb.Tier(
        tier_id=tier.tier_id,
        display_names=tier.display_names,
        threshold=money(tier.threshold_minor_units, currency),
        bonus_basis_points=tier.bonus_basis_points,
        offer_ids=tier.offers,
    )


def _milliseconds(stamp: Timestamp) -> int:
    """0 for absent."""
    return stamp.ToMilliseconds()
