"""Use cases of batches of codes: make, export, claim. Raises as service_ledger.py does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from offers_service import code_account, journal
from offers_service.code_account import CodeAccount, CodeDecision, CodeOutcome
from offers_service.codes import Secrets, account_id
from offers_service.coupon_account import AccountKey, CouponAccount
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.journal import Request
from offers_service.offers import Offer, ended
from offers_service.service_group import Group
from offers_service.service_ledger import CouponLedger
from offers_service.store_accounts import AccountStore, encode, encode_entry
from offers_service.store_code_batches import Batch, CodeBatchStore
from offers_service.store_offers import OfferStore

_CHUNK = 1_000
_CHUNKS_AT_ONCE = 3
_EXPORT_LINES = 5_000
_REFUSED = {
    CouponOutcome.NOT_FOUND: CodeOutcome.OFFER_ENDED,
    CouponOutcome.OFFER_ENDED: CodeOutcome.OFFER_ENDED,
    CouponOutcome.CUSTOMER_LIMIT_REACHED: CodeOutcome.CUSTOMER_LIMIT_REACHED,
    CouponOutcome.BUDGET_EXHAUSTED: CodeOutcome.BUDGET_EXHAUSTED,
}
_ISSUED = (CouponOutcome.APPLIED, CouponOutcome.ALREADY_ISSUED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A batch as it is asked for; claim_until_ms 0: as long as the offer."""

    offer: str
    campaign: str
    count: int
    claim_until_ms: int
    request: Request


class Claimed(NamedTuple):
    """coupon: there when the customer has it."""

    outcome: CodeOutcome
    coupon: CouponAccount | None = None


class _Reopened(msgspec.Struct, frozen=True):
    account: CodeAccount | None


class CodeDesk:
    """Codes are derived from their account's id under the tenant's key, and stored as hashes only.
    That id follows from batch and number, so a batch that was cut short is simply made again."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        group: Group,
        offers: OfferStore,
        ledger: CouponLedger,
        batches: CodeBatchStore,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._accounts = accounts
        self._group = group
        self._offers = offers
        self._ledger = ledger
        self._batches = batches
        self._secrets_of = secrets_of

    async def begin(self, tenant_id: str, wanted: Wanted, now_ms: int) -> Batch | CouponOutcome:
        """Writes the batch down; NOT_FOUND and OFFER_ENDED for the offer, REQUEST_CONFLICT."""
        offer: Offer | None = await self._offers.get(tenant_id, wanted.offer)
        if offer is None:
            return CouponOutcome.NOT_FOUND
        request = wanted.request
        batch = Batch(
            batch_id=account_id("kb_", request.actor, request.request_id),
            print=request.print,
            request_id=request.request_id,
            actor=request.actor,
            offer=wanted.offer,
            campaign=wanted.campaign,
            count=wanted.count,
            claim_until_ms=wanted.claim_until_ms or journal.NEVER_MS,
            created_ms=now_ms,
        )
        known = await self._batches.get(tenant_id, batch.batch_id)
        if known is None:
            if ended(offer, now_ms):
                return CouponOutcome.OFFER_ENDED
            known = await self._batches.begin(tenant_id, batch)
        return known if known.print == request.print else CouponOutcome.REQUEST_CONFLICT

    async def make(self, tenant_id: str, batch: Batch) -> AsyncIterator[int]:
        """Makes what is missing; yields how many codes there are. One that was made is found again,
        so stopping anywhere, or two at once, make none twice."""
        made = batch.made
        while made < batch.count:
            starts = range(made, batch.count, _CHUNK)[:_CHUNKS_AT_ONCE]
            chunks = [range(start, min(start + _CHUNK, batch.count)) for start in starts]
            documents = [self._documents(tenant_id, batch, chunk) for chunk in chunks]
            await asyncio.gather(*[self._accounts.insert_many(one) for one in documents])
            made = chunks[-1].stop
            await self._batches.made(tenant_id, batch.batch_id, made)
            yield made

    def _documents(
        self, tenant_id: str, batch: Batch, numbers: Sequence[int]
    ) -> list[Mapping[str, Any]]:
        """Accounts to insert; what they share is computed once."""
        secrets = self._secrets_of(tenant_id)
        request = Request(batch.request_id, batch.actor, batch.print)
        entry = code_account.making(
            request, batch.offer, batch.campaign, batch.claim_until_ms, batch.created_ms
        )
        head, stored = journal.frame_head(entry), encode_entry(entry)
        shared = encode(code_account.begin(AccountKey(tenant_id, "k_"), entry, secrets))
        documents: list[Mapping[str, Any]] = []
        for number in numbers:
            account = code_account.code_id(batch.batch_id, number)
            digest = journal.chain(journal.genesis(tenant_id, account), head, "")
            own = {"_id": {"t": tenant_id, "a": account}, "lookup": secrets.bulk_lookup(account)}
            entries = [{**stored, "hash": digest}]
            documents.append({**shared, **own, "hash": digest, "entries": entries})
        return documents

    async def export(self, tenant_id: str, batch_id: str, print_: bytes) -> Batch | None:
        """The batch, if its codes are all made and this request may see them; else None."""
        batch = await self._batches.get(tenant_id, batch_id)
        if batch is None or batch.made < batch.count:
            return None
        given = await self._batches.exporting(tenant_id, batch_id, print_)
        return given if given is not None and given.exported == print_ else None

    def lines(self, tenant_id: str, batch: Batch) -> list[bytes]:
        """The codes as CSV, in pieces; nothing in them needs quoting."""
        secrets = self._secrets_of(tenant_id)
        pieces = [b"code\r\n"]
        for start in range(0, batch.count, _EXPORT_LINES):
            numbers = range(start, min(start + _EXPORT_LINES, batch.count))
            ids = [code_account.code_id(batch.batch_id, number) for number in numbers]
            pieces.append("".join([f"{secrets.bulk_code(one)}\r\n" for one in ids]).encode())
        return pieces

    async def claim(
        self, tenant_id: str, code: str, customer_id: str, request: Request, now_ms: int
    ) -> Claimed:
        """Issues the code's coupon to a customer, once."""
        lookup = self._secrets_of(tenant_id).lookup_of_bulk_code(code)
        found = await self._accounts.find(tenant_id, lookup) if lookup else None
        if not isinstance(found, CodeAccount):
            return Claimed(CodeOutcome.NOT_FOUND)

        def decide(account: Any) -> CodeDecision:
            return code_account.claim(account, customer_id, request, now_ms)

        decided = await self._group.submit(found.key, decide)
        account = decided.account
        own = account is not None and account.owner == customer_id
        mended = decided.outcome is CodeOutcome.ALREADY_CLAIMED and own
        if account is None or not (decided.outcome is CodeOutcome.APPLIED or mended):
            return Claimed(decided.outcome)
        return await self._issue(tenant_id, account, decided.outcome)

    async def _issue(self, tenant_id: str, account: CodeAccount, outcome: CodeOutcome) -> Claimed:
        """The coupon whose cause is the code; refused, the code is free again."""
        last = account.entries[-1]
        issued = await self._ledger.issue(
            tenant_id,
            offer_id=account.offer,
            customer_id=account.owner,
            campaign_id=account.campaign,
            cause=account.key.a,
            actor=last.actor,
            now_ms=last.at_ms,
        )
        if issued.outcome in _ISSUED:
            return Claimed(outcome, issued.coupon)

        def decide(stored: Any) -> _Reopened:
            return _Reopened(code_account.reopen(stored, account.v, last.at_ms))

        await self._group.submit(account.key, decide)
        return Claimed(_REFUSED.get(issued.outcome, CodeOutcome.OFFER_ENDED))
