"""An offer's terms between the wire and the domain."""

from __future__ import annotations

from typing import Any

from dangol.events.v1 import event_pb2
from dangol.offers.v1 import offer_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.offers import Benefit, Offer, Restore, Scope
from offers_service.rpc_common import amount, money, timestamp

_RESTORE_BY_POLICY = {
    pb.RESTORE_POLICY_UNSPECIFIED: Restore.RESTORE_IF_VALID,
    pb.RESTORE_POLICY_RESTORE: Restore.RESTORE,
    pb.RESTORE_POLICY_RESTORE_IF_VALID: Restore.RESTORE_IF_VALID,
    pb.RESTORE_POLICY_KEEP_REDEEMED: Restore.KEEP_REDEEMED,
}
_CAPPED = ("percent_basis_points", "free_shipping")


def read_offer(message: pb.Offer, currency: str, time_zone: str, now_ms: int) -> Offer:
    """The terms as they will be kept. Raises RpcFailure, naming the field at fault."""
    benefit = message.WhichOneof("benefit") or ""
    if message.HasField("maximum_discount") and benefit not in _CAPPED:
        text = "only percent_basis_points and free_shipping have a cap"
        raise RpcFailure(Code.FIELD_INVALID, text, field="offer.maximum_discount")
    if message.gift_times_max and not message.giftable:
        text = "coupons that are not giftable have no number of gifts: use 0, or set giftable"
        raise RpcFailure(Code.FIELD_INVALID, text, field="offer.gift_times_max")
    from_ms = _read_time(message, "valid_from")
    until_ms = _read_time(message, "valid_until")
    if 0 < until_ms <= from_ms:
        text = "use a time after valid_from"
        raise RpcFailure(Code.FIELD_INVALID, text, field="offer.valid_until")
    minimum = 0
    if message.HasField("minimum_order"):
        minimum = amount(message.minimum_order, currency, "offer.minimum_order")
    return Offer(
        offer_id=message.offer_id,
        currency=currency,
        created_ms=now_ms,
        display_names=dict(message.display_names),
        **_read_benefit(message, benefit, currency),
        maximum_minor_units=_read_positive(message, "maximum_discount", currency),
        scope=_read_scope(message.scope),
        minimum_minor_units=minimum,
        minimum_of_cart=message.minimum_basis == pb.MINIMUM_BASIS_CART,
        valid_from_ms=from_ms,
        valid_for_seconds=message.valid_for_seconds,
        valid_for_days=message.valid_for_days,
        valid_until_ms=until_ms,
        time_zone=time_zone if message.valid_for_days else "UTC",
        giftable=message.giftable,
        stacking_group=message.stacking_group,
        stackable_with=tuple(sorted(message.stackable_with)),
        restore=_RESTORE_BY_POLICY[message.restore_policy],
        restore_grace_seconds=message.restore_grace_seconds,
        per_customer_limit=message.per_customer_limit,
        gift_times_max=message.gift_times_max,
    )


def _read_benefit(message: pb.Offer, benefit: str, currency: str) -> dict[str, Any]:
    match benefit:
        case "percent_basis_points":
            return {"percent_basis_points": message.percent_basis_points}
        case "free_shipping":
            return {"free_shipping": True}
        case "gift_item":
            item = message.gift_item
            return {"gift_product": item.product_id, "gift_quantity": item.quantity}
        case "points":
            per = 0
            if message.points.HasField("per_amount"):
                per = _positive(message.points.per_amount, currency, "offer.points.per_amount")
            return {"points": message.points.points, "points_per_minor_units": per}
    fixed = _positive(message.fixed_amount, currency, "offer.fixed_amount")
    return {"fixed_minor_units": fixed}


def _positive(value: event_pb2.Money, currency: str, field: str) -> int:
    minor_units = amount(value, currency, field)
    if not minor_units:
        raise RpcFailure(Code.FIELD_INVALID, "use more than 0", field=f"{field}.minor_units")
    return minor_units


def _read_positive(message: pb.Offer, field: str, currency: str) -> int:
    if not message.HasField(field):
        return 0
    return _positive(getattr(message, field), currency, f"offer.{field}")


def _read_time(message: pb.Offer, field: str) -> int:
    if not message.HasField(field):
        return 0
    unix_ms: int = getattr(message, field).ToMilliseconds()
    if unix_ms <= 0:
        raise RpcFailure(Code.FIELD_INVALID, "use a time after 1970", field=f"offer.{field}")
    return unix_ms


def _read_scope(message: pb.Scope) -> Scope:
    return Scope(
        products=tuple(sorted(message.product_ids)),
        categories=tuple(sorted(message.categories)),
        excluded_products=tuple(sorted(message.excluded_product_ids)),
        excluded_categories=tuple(sorted(message.excluded_categories)),
    )


def write_offer(offer: Offer) -> pb.Offer:
    """An offer for the wire."""
    message = pb.Offer(
        offer_id=offer.offer_id,
        display_names=offer.display_names,
        valid_for_seconds=offer.valid_for_seconds,
        valid_for_days=offer.valid_for_days,
        valid_from=timestamp(offer.valid_from_ms),
        valid_until=timestamp(offer.valid_until_ms),
        giftable=offer.giftable,
        create_time=timestamp(offer.created_ms),
        minimum_basis=(pb.MINIMUM_BASIS_CART if offer.minimum_of_cart else pb.MINIMUM_BASIS_SCOPE),
        stacking_group=offer.group,
        stackable_with=offer.stackable_with,
        restore_policy=f"RESTORE_POLICY_{offer.restore.name}",
        restore_grace_seconds=offer.restore_grace_seconds,
        per_customer_limit=offer.per_customer_limit,
        gift_times_max=offer.gift_times_max,
    )
    _write_benefit(offer, message)
    if offer.minimum_minor_units:
        message.minimum_order.CopyFrom(money(offer.minimum_minor_units, offer.currency))
    if offer.maximum_minor_units:
        message.maximum_discount.CopyFrom(money(offer.maximum_minor_units, offer.currency))
    if not offer.scope.is_all:
        message.scope.product_ids.extend(offer.scope.products)
        message.scope.categories.extend(offer.scope.categories)
        message.scope.excluded_product_ids.extend(offer.scope.excluded_products)
        message.scope.excluded_categories.extend(offer.scope.excluded_categories)
    return message


def _write_benefit(offer: Offer, message: pb.Offer) -> None:
    match offer.benefit:
        case Benefit.PERCENT:
            message.percent_basis_points = offer.percent_basis_points
        case Benefit.FIXED:
            message.fixed_amount.CopyFrom(money(offer.fixed_minor_units, offer.currency))
        case Benefit.FREE_SHIPPING:
            message.free_shipping.SetInParent()
        case Benefit.GIFT_ITEM:
            message.gift_item.product_id = offer.gift_product
            message.gift_item.quantity = offer.gift_quantity
        case Benefit.POINTS:
            message.points.points = offer.points
            if offer.points_per_minor_units:
                per = money(offer.points_per_minor_units, offer.currency)
                message.points.per_amount.CopyFrom(per)
