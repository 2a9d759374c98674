"""What can be asked for again by its global id."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import strawberry
from dangol.offers.v1 import coupon_service_pb2 as coupons_pb
from dangol.offers.v1 import delivery_service_pb2 as delivery_pb
from dangol_service_kit.errors import Code, RpcFailure

from gateway_service.access_roles import Roles
from gateway_service.context import AppInfo, Context
from gateway_service.fields import resolver
from gateway_service.missing import or_none
from gateway_service.nodes import Node, from_node_id
from gateway_service.queries_offers import load_coupon
from gateway_service.types_campaigns import to_campaign
from gateway_service.types_customers import load_customer
from gateway_service.types_messages import to_message
from gateway_service.types_offers import to_offer
from gateway_service.types_segments import load_segment
from gateway_service.types_tasks import load_task
from gateway_service.types_templates import load_template
from gateway_service.types_webhooks import load_endpoint

NODES_MAX = 100

Load: TypeAlias = Callable[[AppInfo, str], Awaitable[Node | None]]


@strawberry.type
class NodeQueries:
    """The part of Query that is about global ids."""

    @resolver("One object by its global id; null when there is none.")
    async def node(self, info: AppInfo, node_id: strawberry.ID) -> Node | None:
        """By its type's own query, under its rule of access."""
        return await load_node(info, node_id)

    @resolver("Several objects by their global ids, at most 100; null in the place of none.")
    async def nodes(self, info: AppInfo, node_ids: list[strawberry.ID]) -> list[Node | None] | None:
        """In the order of the ids."""
        if len(node_ids) > NODES_MAX:
            text = f"ask for at most {NODES_MAX} at once"
            raise RpcFailure(Code.FIELD_INVALID, text, field="nodeIds")
        return list(await asyncio.gather(*(load_node(info, one) for one in node_ids)))


async def load_node(info: AppInfo, node_id: str) -> Node | None:
    """One object. Raises RpcFailure."""
    # access.py makes its rules of the whole schema's, this module's part included.
    from gateway_service.access import RULES  # noqa: PLC0415

    kind, own_id = from_node_id(node_id)
    load = LOADERS.get(kind)
    if load is None:
        raise RpcFailure(Code.FIELD_INVALID, "send a nodeId as it was answered", field="nodeId")
    allowed: Roles = RULES[kind]
    role = info.context.caller.role
    if role not in allowed:
        raise RpcFailure(Code.ROLE_NOT_ALLOWED, f"role {role} may not ask for this")
    return await load(info, own_id)


def _whole(load: Callable[[Context, str], Awaitable[Node | None]]) -> Load:
    """Of most objects all is read, whatever the query selects."""
    return lambda info, own_id: load(info.context, own_id)


async def _load_offer(context: Context, offer_id: str) -> Node | None:
    message = await context.loaders.offers.load(offer_id)
    return to_offer(message) if message else None


async def _load_coupon(context: Context, coupon_id: str) -> Node | None:
    return await load_coupon(context, coupons_pb.GetCouponRequest(coupon_id=coupon_id))


async def _load_campaign(context: Context, campaign_id: str) -> Node | None:
    message = await context.loaders.campaigns.load(campaign_id)
    return to_campaign(message) if message else None


async def _load_message(context: Context, message_id: str) -> Node | None:
    request = delivery_pb.GetMessageRequest(message_id=message_id)
    answer = await or_none(context.call(context.clients.delivery.GetMessage, request))
    return to_message(answer.message) if answer else None


LOADERS: Mapping[str, Load] = {
    "Campaign": _whole(_load_campaign),
    "Coupon": _whole(_load_coupon),
    "Customer": load_customer,
    "MessageTemplate": _whole(load_template),
    "Offer": _whole(_load_offer),
    "OutboxMessage": _whole(_load_message),
    "Segment": load_segment,
    "Task": _whole(load_task),
    "WebhookEndpoint": _whole(load_endpoint),
}
