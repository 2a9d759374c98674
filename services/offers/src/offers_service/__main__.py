"""Composition root of the offers service: the only place that wires."""

from __future__ import annotations

import asyncio
import os

from dangol.offers.v1 import (
    coupon_service_pb2_grpc,
    gift_service_pb2_grpc,
    ledger_service_pb2_grpc,
    offer_service_pb2_grpc,
    points_service_pb2_grpc,
)
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol_service_kit.auth import verifier_of
from dangol_service_kit.config import load
from dangol_service_kit.server import Server, run_service, stop_on_signals
from dangol_service_kit.telemetry import Telemetry

from offers_service import (
    rpc_coupons,
    rpc_gifts,
    rpc_ledger,
    rpc_offers,
    rpc_points,
    service_meters,
)
from offers_service.budget_parts import budgeted_group
from offers_service.campaign_parts import CampaignParts, Seat
from offers_service.clients import ProfilePeople
from offers_service.config import OffersConfig
from offers_service.delivery_parts import DeliveryParts
from offers_service.gift_parts import GiftParts
from offers_service.keyring import Keyring
from offers_service.ledger_audit import AuditParts
from offers_service.ledger_parts import LedgerParts
from offers_service.points_parts import PointsParts
from offers_service.rpc_campaign_parts import add_campaigns
from offers_service.rpc_code_parts import CodeParts
from offers_service.rpc_greeting_parts import GreetingParts
from offers_service.rpc_growth_parts import GrowthParts
from offers_service.rpc_guessing import Guarded
from offers_service.rpc_sandboxes import SandboxParts
from offers_service.service_base import Base, build_base
from offers_service.service_carts import CartDesk
from offers_service.service_followers import GiftFollower
from offers_service.service_gift_arms import Arms
from offers_service.service_gift_days import DayLimits
from offers_service.service_kpis import KpiParts
from offers_service.service_ledger import CouponLedger
from offers_service.service_lineage import Lineage
from offers_service.service_merges import MergeFollower, ProfileMerges
from offers_service.service_owners import Owners
from offers_service.service_privacy import PrivacyParts
from offers_service.service_reversals import Reversals
from offers_service.service_settlement import BudgetedGroup
from offers_service.service_starting import prepare
from offers_service.service_wallets import WalletParts
from offers_service.store_accounts import AccountStore
from offers_service.store_audit import AuditStore
from offers_service.store_enrolments import EnrolmentStore
from offers_service.store_merges import MergeStore
from offers_service.store_offers import OfferStore
from offers_service.store_told import ToldAccounts


def build_points(
    base: Base,
    *,
    accounts: AccountStore,
    group: BudgetedGroup,
    ledger: CouponLedger,
    people: ProfilePeople,
    lineage: Lineage,
) -> PointsParts:
    """Points and tiers over the same accounts."""
    return PointsParts(
        database=base.database,
        accounts=accounts,
        group=group,
        ledger=ledger,
        people=people,
        lineage=lineage,
        customers=CustomerServiceStub(base.profile),
        token=base.credentials.token,
        directory=base.directory,
        clock=base.clock,
        secrets_of=Keyring(base.tenant_keys),
    )


def build_limits(
    base: Base, accounts: AccountStore, group: BudgetedGroup, lineage: Lineage
) -> DayLimits:
    """How many gifts a customer gives and claims in a day."""
    return DayLimits(
        accounts=accounts,
        group=group,
        directory=base.directory,
        lineage=lineage,
        giver_max=base.config.gifts_a_day_per_giver_max,
        recipient_max=base.config.gifts_a_day_per_recipient_max,
    )


def build_ledger(base: Base) -> LedgerParts:
    """The journal's half over its stores."""
    accounts = ToldAccounts(base.database)
    keyring = Keyring(base.tenant_keys)
    group = budgeted_group(base.database, accounts, keyring)
    offers, audit = OfferStore(base.database), AuditStore(base.mongodb, base.database)
    follower = GiftFollower(group, keyring)
    people = ProfilePeople(CustomerServiceStub(base.profile), base.credentials)
    merges = MergeStore(base.database)
    lineage = Lineage(merges)
    ledger = CouponLedger(
        accounts=accounts,
        group=group,
        offers=offers,
        audit=audit,
        follower=follower,
        secrets_of=keyring,
        ancestry=lineage,
        budgets=group,
    )
    points = build_points(
        base, accounts=accounts, group=group, ledger=ledger, people=people, lineage=lineage
    )
    merge_follower = MergeFollower(
        store=merges,
        log=ProfileMerges(CustomerServiceStub(base.profile), base.credentials.token),
        lineage=lineage,
        accounts=accounts,
        group=group,
        clock=base.clock,
        parts=[points.merges],
    )
    owners = Owners(accounts, ledger, people, merge_follower)
    limits = build_limits(base, accounts, group, lineage)
    gifts = GiftParts(
        accounts=accounts,
        group=group,
        offers=offers,
        follower=follower,
        people=people,
        lineage=lineage,
        owners=owners,
        limits=limits,
        arms=Arms(EnrolmentStore(base.database), lineage),
        secrets_of=keyring,
    )
    return LedgerParts(
        accounts=accounts,
        group=group,
        offers=offers,
        ledger=ledger,
        carts=CartDesk(accounts=accounts, offers=offers, secrets_of=keyring),
        reversals=Reversals(group=group, offers=offers, follower=follower, secrets_of=keyring),
        merges=merges,
        lineage=lineage,
        follower=merge_follower,
        owners=owners,
        desk=gifts.desk,
        claims=gifts.claims,
        limits=limits,
        audit=AuditParts.of(base, accounts, audit, keyring, lineage),
        people=people,
        points=points,
        keyring=keyring,
    )


def add_ledger(server: Server, base: Base, parts: LedgerParts, codes: CodeParts) -> None:
    """OfferService, CouponService, GiftService, LedgerService and PointsService."""
    writer = rpc_coupons.CouponWriter(base.directory, parts.keyring)
    coupon_servicer = rpc_coupons.CouponServicer(
        ledger=parts.ledger,
        carts=parts.carts,
        reversals=parts.reversals,
        clock=base.clock,
        people=parts.people,
        writer=writer,
        owners=parts.owners,
        directory=base.directory,
        secrets_of=parts.keyring,
        payer=parts.points.payer,
    )
    gifts = rpc_gifts.GiftServicer(parts.desk, parts.claims, base.clock, writer, parts.keyring)
    server.add(
        offer_service_pb2_grpc.add_OfferServiceServicer_to_server,
        rpc_offers.OfferServicer(parts.offers, base.clock, base.directory),
        rpc_offers.SERVICE_NAME,
    )
    server.add(
        coupon_service_pb2_grpc.add_CouponServiceServicer_to_server,
        Guarded(coupon_servicer, codes.guard),
        rpc_coupons.SERVICE_NAME,
    )
    server.add(
        gift_service_pb2_grpc.add_GiftServiceServicer_to_server,
        Guarded(gifts, codes.guard),
        rpc_gifts.SERVICE_NAME,
    )
    codes.add_to(server, writer)
    server.add(
        ledger_service_pb2_grpc.add_LedgerServiceServicer_to_server,
        parts.audit.servicer,
        rpc_ledger.SERVICE_NAME,
    )
    server.add(
        points_service_pb2_grpc.add_PointsServiceServicer_to_server,
        Guarded(parts.points.servicer, codes.guard),
        rpc_points.SERVICE_NAME,
    )


def build_delivery(base: Base, lineage: Lineage) -> DeliveryParts:
    """The outbox and the ways out of it."""
    return DeliveryParts(
        database=base.database,
        profile=base.profile,
        token=base.credentials.token,
        directory=base.directory,
        clock=base.clock,
        keys=base.tenant_keys,
        lineage=lineage,
        webhooks_private=base.config.webhooks_private,
    )


def build_campaigns(
    base: Base,
    parts: LedgerParts,
    delivery: DeliveryParts,
    growth: GrowthParts,
    telemetry: Telemetry,
) -> CampaignParts:
    """The campaigns' half over the ledger."""
    return CampaignParts(
        database=base.database,
        seat=Seat(base.redis, base.config.listen, telemetry),
        profile=base.profile,
        segmentation=base.segmentation,
        token=base.credentials.token,
        directory=base.directory,
        clock=base.clock,
        clocks=base.clocks,
        keys=base.tenant_keys,
        ledger=parts.ledger,
        offers=parts.offers,
        delivery=delivery,
        people=parts.people,
        points=parts.points,
        budgets=parts.group,
        followers=(*parts.points.followers, *growth.followers),
        merges=parts.follower,
        lineage=parts.lineage,
    )


async def run(config: OffersConfig, stop: asyncio.Event | None = None) -> None:
    """Serves until `stop` is set, by default by SIGTERM or SIGINT."""
    verifier = verifier_of(config)
    base = build_base(config)
    parts = build_ledger(base)
    server = Server(config, verifier)
    codes = CodeParts(base, parts)
    add_ledger(server, base, parts, codes)
    delivery = build_delivery(base, parts.lineage)
    delivery.observe(server.metrics)
    kpis = KpiParts(base, parts, delivery)
    kpis.observe(server.metrics)
    for servicer in delivery.servicers:
        server.add(*servicer)
    growth = GrowthParts(base, parts, codes.guard)
    growth.add_to(server)
    greetings = GreetingParts(base, parts)
    greetings.add_to(server)
    campaigns = build_campaigns(base, parts, delivery, growth, server.telemetry)
    add_campaigns(server, campaigns)
    privacy, wallets = PrivacyParts(base, parts), WalletParts(base, parts)
    privacy.add_to(server)
    wallets.add_to(server)
    sandboxes = SandboxParts(base, campaigns.leader)
    sandboxes.add_to(server)
    service_meters.observe(
        server.metrics,
        base.database,
        base.redis,
        group=parts.group.commits,
        waiting=service_meters.Waiting(parts.accounts, delivery.store, base.directory),
        verifications=parts.audit.verifications,
        relay=campaigns.relay,
    )
    stores = (parts.accounts, parts.offers, parts.points, parts.merges, parts.audit, codes)
    await prepare(*stores, delivery, growth, campaigns, greetings, kpis, sandboxes)
    loops_of = (delivery, campaigns, parts.audit, privacy, wallets, sandboxes)
    loops = [asyncio.create_task(each.run()) for each in loops_of]
    ending = stop or stop_on_signals()
    leaving = asyncio.create_task(campaigns.leave(ending, config.drain_seconds))
    try:
        await server.run(ending)
    finally:
        ending.set()
        await leaving
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await parts.group.close()
        await asyncio.gather(base.redis.aclose(), base.segmentation.close(), base.profile.close())
        base.mongodb.close()


async def main() -> None:
    """Reads the environment and serves."""
    await run(load(OffersConfig, os.environ))


if __name__ == "__main__":
    run_service(main)
