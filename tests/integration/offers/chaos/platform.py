"""The platform over a three-node MongoDB with two replicas of offers, every part of it killable."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import grpc
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import offer_service_pb2 as offers
from dangol.offers.v1.campaign_service_pb2_grpc import CampaignServiceStub
from dangol.offers.v1.code_service_pb2_grpc import CodeServiceStub
from dangol.offers.v1.coupon_service_pb2_grpc import CouponServiceStub
from dangol.offers.v1.gift_service_pb2_grpc import GiftServiceStub
from dangol.offers.v1.ledger_service_pb2_grpc import LedgerServiceStub
from dangol.offers.v1.offer_service_pb2_grpc import OfferServiceStub
from dangol.offers.v1.points_service_pb2_grpc import PointsServiceStub
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol_cli.tenants import NewTenant, create_tenant
from dangol_dev.client import request_id
from dangol_dev.mongo_replicas import MongoReplicas
from dangol_dev.stack import Replica, Stack
from dangol_service_kit.auth import ALL_TENANTS, Role
from dangol_service_kit.client import metadata

from tests.integration.offers.chaos.limits import (
    FACE,
    OFFER,
    found_codes,
    found_limits,
    list_campaign,
)

TENANT = "chaos"
# Tries are the clients' own business here: no retries within a channel.
_CHANNEL_OPTIONS = (
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", 64 << 20),
)
# Against hanging only.
_SETUP_SECONDS = 600.0


class OffersClient:
    """Stubs of one replica of offers."""

    def __init__(self, target: str) -> None:
        self._channel = grpc.aio.insecure_channel(target, options=_CHANNEL_OPTIONS)
        self.offers: Any = OfferServiceStub(self._channel)
        self.coupons: Any = CouponServiceStub(self._channel)
        self.gifts: Any = GiftServiceStub(self._channel)
        self.ledger: Any = LedgerServiceStub(self._channel)
        self.points: Any = PointsServiceStub(self._channel)
        self.codes: Any = CodeServiceStub(self._channel)
        self.campaigns: Any = CampaignServiceStub(self._channel)

    async def close(self) -> None:
        """Closes the channel."""
        await self._channel.close()


class Platform:
    """An async context manager; members are customers who exist in profile."""

    def __init__(self, directory: Path) -> None:
        self.mongodb = MongoReplicas(directory)
        # So few members give far more gifts a day than people do, and a call that is broken off
        # counts as a wrong try.
        unlimited = {f"DANGOL_GIFTS_A_DAY_PER_{side}_MAX": "0" for side in ("GIVER", "RECIPIENT")}
        unlimited["DANGOL_WRONG_TRIES_PER_PERSON_MAX"] = "1000000"
        self.stack = Stack(directory / "stack", mongodb_uri=self.mongodb.url, environment=unlimited)
        self.second: Replica = self.stack.replica("offers")
        self.clients: list[OffersClient] = []
        self.members: list[str] = []

    async def __aenter__(self) -> Platform:
        await self.mongodb.start()
        try:
            await self.stack.start()
            await self.second.start()
        except BaseException:
            await self._end()
            raise
        targets = [self.stack.targets["offers"], self.second.target]
        self.clients = [OffersClient(target) for target in targets]
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self.clients:
            await client.close()
        await self._end()

    async def _end(self) -> None:
        self.second.process.kill()
        for process in self.stack.processes.values():
            process.kill()
        self.mongodb.kill()

    def metadata(self, role: Role) -> Any:
        """What a caller of that role sends along."""
        return metadata(self.stack.token(TENANT, role))

    async def found(self, member_count: int, coupon_count: int) -> dict[str, str]:
        """A tenant, its members, one giftable offer, and coupons; their owners by coupon id."""
        operator = self.stack.token(ALL_TENANTS, Role.OPERATOR)
        tenant = NewTenant(
            tenant_id=TENANT,
            display_name="Chaos",
            time_zone="Asia/Seoul",
            currency_code="KRW",
            language="ko",
        )
        await create_tenant(self.stack.targets["profile"], operator, tenant)
        await self._sign_up(member_count)
        await self._create_offer()
        list_count = -(-coupon_count // member_count)
        admin = self.metadata(Role.ADMIN)
        await found_limits(self.clients[0], admin, list_count=list_count)
        return await self._issue(list_count)

    async def found_codes(self, code_count: int, coupon_limit: int) -> list[str]:
        """A batch of codes for no more than so many coupons."""
        admin = self.metadata(Role.ADMIN)
        return await found_codes(
            self.clients[0], admin, code_count=code_count, coupon_limit=coupon_limit
        )

    async def _sign_up(self, member_count: int) -> None:
        async with grpc.aio.insecure_channel(self.stack.targets["profile"]) as channel:
            stub: Any = CustomerServiceStub(channel)

            async def sign_up(number: int) -> str:
                request = customers.IdentifyCustomerRequest(
                    request_id=request_id("chaos", "member", number)
                )
                request.identifiers.add(namespace="member", value=f"m-{number}")
                answer = await stub.IdentifyCustomer(
                    request, timeout=_SETUP_SECONDS, metadata=self.metadata(Role.ADMIN)
                )
                return str(answer.customer.customer_id)

            self.members = list(await asyncio.gather(*map(sign_up, range(member_count))))

    async def _create_offer(self) -> None:
        offer = offers.Offer(offer_id=OFFER, giftable=True)
        offer.fixed_amount.currency_code, offer.fixed_amount.minor_units = "KRW", FACE
        offer.restore_policy = offers.RESTORE_POLICY_RESTORE
        request = offers.CreateOfferRequest(request_id=request_id("chaos", "offer"), offer=offer)
        await self.clients[0].offers.CreateOffer(
            request, timeout=_SETUP_SECONDS, metadata=self.metadata(Role.ADMIN)
        )

    async def _issue(self, list_count: int) -> dict[str, str]:
        """A coupon of each list for each member."""
        await asyncio.gather(*map(self._issue_list, range(list_count)))
        wallets = await asyncio.gather(*map(self._wallet, self.members))
        return {
            coupon_id: member
            for member, wallet in zip(self.members, wallets, strict=True)
            for coupon_id in wallet
        }

    async def _issue_list(self, number: int) -> None:
        request = coupons.BatchIssueCouponsRequest(
            request_id=request_id("chaos", "list", number),
            campaign_id=list_campaign(number),
            offer_ids=[OFFER],
            customer_ids=self.members,
        )
        await self.clients[0].coupons.BatchIssueCoupons(
            request, timeout=_SETUP_SECONDS, metadata=self.metadata(Role.ADMIN)
        )

    async def _wallet(self, member: str) -> list[str]:
        wallet = coupons.ListWalletRequest(customer_id=member, page_size=500)
        found = await self.clients[0].coupons.ListWallet(
            wallet, timeout=_SETUP_SECONDS, metadata=self.metadata(Role.ADMIN)
        )
        return [coupon.coupon_id for coupon in found.coupons]
