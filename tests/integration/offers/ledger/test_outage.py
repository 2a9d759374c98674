"""kill -9 of the database in the middle of steps: what was acknowledged is there, once."""

import asyncio
import uuid
from typing import Any

from dangol_dev.servers import MongoServer
from motor.motor_asyncio import AsyncIOMotorClient
from offers_service.codes import Secrets, coupon_ids
from offers_service.commit import ContendedError, GroupCommit, OutcomeUnknownError
from offers_service.coupon_account import AccountKey
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Hold
from offers_service.journal import Request
from offers_service.offers import Offer
from offers_service.service_audit import Auditor
from offers_service.service_followers import GiftFollower
from offers_service.service_ledger import CouponLedger
from offers_service.store_accounts import AccountStore
from offers_service.store_audit import AuditStore
from offers_service.store_offers import OfferStore

NOW_MS = 1_700_000_000_000
CLIENTS = 16
STEPS_EACH = 40


def _secrets_of(_tenant_id: str) -> Secrets:
    return Secrets(b"c" * 32, b"t" * 32, b"l" * 32, b"f" * 32)


async def _ledger(mongodb: Any, owners: list[str]) -> tuple[CouponLedger, Auditor]:
    database = mongodb["outage"]
    accounts, offers = AccountStore(database), OfferStore(database)
    audit = AuditStore(mongodb, database)
    group: GroupCommit[Any] = GroupCommit(accounts)
    await accounts.prepare()
    await offers.prepare()
    offer = Offer(offer_id="fixed", currency="KRW", created_ms=NOW_MS, fixed_minor_units=3_000)
    await offers.insert("shop", offer)
    ledger = CouponLedger(
        accounts=accounts,
        group=group,
        offers=offers,
        audit=audit,
        follower=GiftFollower(group, _secrets_of),
        secrets_of=_secrets_of,
    )
    await ledger.issue_many(
        "shop",
        offer_ids=["fixed"],
        customer_ids=owners,
        campaign_id="list",
        actor="admin:test",
        now_ms=NOW_MS,
    )
    return ledger, Auditor(accounts, audit, _secrets_of)


async def _until_answered(ledger: CouponLedger, coupon_id: str, command: Hold) -> tuple[Any, int]:
    """As a client does: the same request again until there is an answer; how often it was not."""
    unknown = 0
    while True:
        try:
            return await ledger.hold("shop", coupon_id, command), unknown
        except (OutcomeUnknownError, ContendedError):
            unknown += 1
            await asyncio.sleep(0.05)


async def test_acknowledged_steps_survive_a_killed_database(mongodb_server: MongoServer) -> None:
    """Every hold is in its journal exactly once, however often it had to be sent."""
    url = f"{mongodb_server.url}&serverSelectionTimeoutMS=2000"
    mongodb: Any = AsyncIOMotorClient(url)
    owners = [f"customer-{number}" for number in range(CLIENTS)]
    ledger, auditor = await _ledger(mongodb, owners)
    coupon_id = coupon_ids("list", "fixed", "list")
    under_way = asyncio.Event()

    async def client(owner: str) -> list[str]:
        acknowledged = []
        for number in range(STEPS_EACH):
            command = Hold(
                request=Request(str(uuid.uuid4()), "partner:till", b"p" * 16),
                customer=owner,
                order="order-1",
                order_minor_units=20_000,
                currency="KRW",
                hold_seconds=900,
                now_ms=NOW_MS + number,
            )
            decided, _ = await _until_answered(ledger, coupon_id(owner), command)
            assert CouponOutcome.APPLIED is decided.outcome
            acknowledged.append(command.request.request_id)
            if number == STEPS_EACH // 4:
                under_way.set()
        return acknowledged

    async def outage() -> None:
        await under_way.wait()
        mongodb_server.kill()
        await mongodb_server.restart()

    *acknowledged, _ = await asyncio.gather(*[client(owner) for owner in owners], outage())
    for owner, request_ids in zip(owners, acknowledged, strict=True):
        account = await AccountStore(mongodb["outage"]).get(AccountKey("shop", coupon_id(owner)))
        assert account is not None
        assert request_ids == [entry.request for entry in account.entries[1:]]
    verdicts = [progress async for progress in auditor.verify("shop")]
    assert (CLIENTS, 0) == (verdicts[-1].accounts_checked, verdicts[-1].fault_count)
    mongodb.close()
