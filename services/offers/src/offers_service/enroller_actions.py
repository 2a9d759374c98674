"""What an enrolled customer gets: caps first, then the variant's coupon, task and message.

The arm was drawn and the enrolment written before any of this, so what is suppressed here is
counted in its arm. Every step has an id that follows from the enrolment and may be repeated.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from offers_service import contacts as rules
from offers_service.campaign_settings import Settings
from offers_service.campaigns import ACTED, Campaign, Enrolment, EnrolmentOutcome, Variant
from offers_service.contacts import Contact, ContactBook, ContactOutcome
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.ledger import Issued, Origin
from offers_service.message_action import Addressee, MessageAction, content, message_id
from offers_service.messages import PostOutcome
from offers_service.service_delivery import Posting
from offers_service.service_lineage import NOBODY_MERGED, Ancestry
from offers_service.service_lineage import People as Persons
from offers_service.store_contacts import ContactStore
from offers_service.store_enrolments import Result
from offers_service.store_tasks import TaskStore
from offers_service.tasks import Task, TaskAction, task_id

_ATTEMPTS_MAX = 20
_OUTCOMES = {
    CouponOutcome.APPLIED: EnrolmentOutcome.ISSUED,
    CouponOutcome.ALREADY_ISSUED: EnrolmentOutcome.ISSUED,
    CouponOutcome.OFFER_ENDED: EnrolmentOutcome.OFFER_ENDED,
    CouponOutcome.NOT_FOUND: EnrolmentOutcome.OFFER_NOT_FOUND,
    CouponOutcome.CUSTOMER_LIMIT_REACHED: EnrolmentOutcome.OFFER_LIMIT_REACHED,
    CouponOutcome.BUDGET_EXHAUSTED: EnrolmentOutcome.BUDGET_EXHAUSTED,
}
_CAPS = {
    ContactOutcome.CUSTOMER_CAPPED: EnrolmentOutcome.CUSTOMER_CAPPED,
    ContactOutcome.FREQUENCY_CAPPED: EnrolmentOutcome.FREQUENCY_CAPPED,
}


class Ledger(Protocol):
    """The part of the coupon ledger that campaigns need."""

    def issue(
        self,
        tenant_id: str,
        *,
        offer_id: str,
        customer_id: str,
        campaign_id: str,
        cause: str,
        actor: str,
        now_ms: int,
        origin: Origin,
    ) -> Awaitable[Issued]: ...


class People(Protocol):
    """The part of profile that tasks need; ProfilePeople."""

    def last_store(self, tenant_id: str, customer_id: str) -> Awaitable[str]: ...


class Outbox(Protocol):
    """Where messages go; service_delivery.Outbox."""

    def post(self, tenant_id: str, posting: Posting, now_ms: int) -> Awaitable[PostOutcome]: ...


@dataclass(frozen=True, slots=True)
class Scene:
    """What all enrolments of one call have in common."""

    tenant_id: str
    campaigns: Mapping[str, Campaign]
    settings: Settings

    def variant(self, enrolment: Enrolment) -> Variant:
        """What the enrolment's arm gets. Campaigns never change, so it is there."""
        variants = self.campaigns[enrolment.campaign_id].variants
        return next(each for each in variants if each.variant_id == enrolment.variant_id)

    def counts(self, enrolment: Enrolment) -> bool:
        """Whether it counts towards the tenant's frequency cap."""
        outside = self.campaigns[enrolment.campaign_id].outside_frequency_cap
        return bool(self.settings.cap.contacts_max) and not outside

    def customer_cap(self, enrolment: Enrolment) -> int:
        """How often the campaign may act on one customer; 0 for no limit."""
        return self.campaigns[enrolment.campaign_id].customer_cap

    def booked(self, enrolment: Enrolment) -> bool:
        """Whether it needs a place in the customer's book."""
        return self.counts(enrolment) or bool(self.customer_cap(enrolment))

    def contact(self, enrolment: Enrolment) -> Contact:
        """The enrolment as a contact."""
        return Contact(
            enrolment.triggered_at_ms,
            enrolment.enrolment_id,
            enrolment.campaign_id,
            self.counts(enrolment),
        )


class Actions:
    """Acts on treated customers; answers by enrolment id what came of it."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        contacts: ContactStore,
        tasks: TaskStore,
        people: People,
        outbox: Outbox,
        ancestry: Ancestry,
    ) -> None:
        self._ledger = ledger
        self._contacts = contacts
        self._ancestry = ancestry
        self._tasks = tasks
        self._people = people
        self._outbox = outbox

    async def act(self, scene: Scene, enrolments: Sequence[Enrolment]) -> dict[str, Result]:
        """One result for each enrolment."""
        capped = await self._admit(scene, enrolments)
        admitted = [each for each in enrolments if each.enrolment_id not in capped]
        acted = await asyncio.gather(*[self._act_one(scene, each) for each in admitted])
        results = {each.enrolment_id: result for each, result in zip(admitted, acted, strict=True)}
        missed = [each for each in admitted if results[each.enrolment_id].outcome not in ACTED]
        await self._withdraw(scene, missed)
        return results | {name: Result(outcome) for name, outcome in capped.items()}

    async def _admit(
        self, scene: Scene, enrolments: Iterable[Enrolment]
    ) -> dict[str, EnrolmentOutcome]:
        """Takes a place in each person's book; answers those for whom there is none."""
        booked = [each for each in enrolments if scene.booked(each)]
        people = await self._persons(scene, booked)
        by_person: dict[str, list[Enrolment]] = defaultdict(list)
        for each in booked:
            by_person[people.root(each.customer_id)].append(each)
        capped: dict[str, EnrolmentOutcome] = {}
        left = set(by_person)
        for _ in range(_ATTEMPTS_MAX):
            if not left:
                return capped
            wanted = left.union(*[people.earlier(name) for name in left])
            books = await self._contacts.read(scene.tenant_id, wanted)
            decided = {
                name: _decide(
                    scene,
                    books[name],
                    by_person[name],
                    [books[earlier] for earlier in people.earlier(name)],
                )
                for name in left
            }
            changed = [new for new, _ in decided.values() if new is not books[new.customer_id]]
            left = await self._contacts.save(scene.tenant_id, books, changed)
            for name, (_, refused) in decided.items():
                if name not in left:
                    capped |= refused
        raise TimeoutError("other writers took every turn at a book of contacts")

    async def _withdraw(self, scene: Scene, missed: Sequence[Enrolment]) -> None:
        booked = [each for each in missed if scene.booked(each)]
        people = await self._persons(scene, booked)
        theirs: dict[str, list[Enrolment]] = defaultdict(list)
        for each in booked:
            for name in (each.customer_id, *people.others(each.customer_id)):
                theirs[name].append(each)
        left = set(theirs)
        for _ in range(_ATTEMPTS_MAX):
            if not left:
                return
            books = await self._contacts.read(scene.tenant_id, left)
            changed = []
            for name in left:
                book = books[name]
                for each in theirs[name]:
                    book = rules.withdraw(book, each.enrolment_id)
                if book is not books[name]:
                    changed.append(book)
            left = await self._contacts.save(scene.tenant_id, books, changed)
        raise TimeoutError("other writers took every turn at a book of contacts")

    async def _persons(self, scene: Scene, enrolments: Sequence[Enrolment]) -> Persons:
        if not enrolments:
            return NOBODY_MERGED
        ids = sorted({each.customer_id for each in enrolments})
        return await self._ancestry.people(scene.tenant_id, ids)

    async def _act_one(self, scene: Scene, enrolment: Enrolment) -> Result:
        variant = scene.variant(enrolment)
        coupon_id = task_made = posted = ""
        outcome = EnrolmentOutcome.ISSUED
        if variant.offer_id:
            issued = await self._issue(scene.tenant_id, enrolment)
            if issued.outcome is not EnrolmentOutcome.ISSUED:
                return issued
            coupon_id = issued.coupon_id
        if variant.task is not None:
            task_made = await self._make_task(scene.tenant_id, enrolment, variant.task)
        if variant.message is not None:
            posted = await self._post(scene.tenant_id, enrolment, variant.message, coupon_id)
        if not coupon_id:
            task, message = EnrolmentOutcome.TASK_CREATED, EnrolmentOutcome.MESSAGE_POSTED
            outcome = task if task_made else message
        return Result(outcome, coupon_id, task_made, posted)

    async def _post(
        self, tenant_id: str, enrolment: Enrolment, action: MessageAction, coupon_id: str
    ) -> str:
        """Posts the message once. What keeps it from being sent is its own end, and counted."""
        to = Addressee(
            enrolment.customer_id,
            enrolment.campaign_id,
            enrolment.variant_id,
            enrolment.enrolment_id,
            enrolment.triggered_at_ms,
            coupon_id,
        )
        posting = Posting(message_id(enrolment.enrolment_id), content(action, to))
        await self._outbox.post(tenant_id, posting, enrolment.triggered_at_ms)
        return posting.message_id

    async def _issue(self, tenant_id: str, enrolment: Enrolment) -> Result:
        issued = await self._ledger.issue(
            tenant_id,
            offer_id=enrolment.offer_id,
            customer_id=enrolment.customer_id,
            campaign_id=enrolment.campaign_id,
            cause=enrolment.enrolment_id,
            actor=f"campaign:{enrolment.campaign_id}",
            now_ms=enrolment.triggered_at_ms,
            origin=Origin.CAMPAIGN,
        )
        outcome = CouponOutcome(str(issued.outcome))
        return Result(_OUTCOMES.get(outcome, EnrolmentOutcome.REFUSED), issued.coupon_id)

    async def _make_task(self, tenant_id: str, enrolment: Enrolment, action: TaskAction) -> str:
        store_id = action.store_id
        if not store_id:
            store_id = await self._people.last_store(tenant_id, enrolment.customer_id)
        task = Task(
            task_id=task_id(enrolment.enrolment_id),
            campaign_id=enrolment.campaign_id,
            variant_id=enrolment.variant_id,
            enrolment_id=enrolment.enrolment_id,
            customer_id=enrolment.customer_id,
            store_id=store_id,
            titles=action.titles,
            created_at_ms=enrolment.triggered_at_ms,
            due_at_ms=enrolment.triggered_at_ms + action.due_ms,
        )
        await self._tasks.insert(tenant_id, task)
        return task.task_id


def _decide(
    scene: Scene,
    book: ContactBook,
    enrolments: Sequence[Enrolment],
    inherited: Sequence[ContactBook],
) -> tuple[ContactBook, dict[str, EnrolmentOutcome]]:
    """The book after one customer's enrolments, and those that found no place in it."""
    refused: dict[str, EnrolmentOutcome] = {}
    for each in enrolments:
        cap = scene.customer_cap(each)
        outcome, book = rules.admit(book, scene.contact(each), scene.settings.cap, cap, inherited)
        if outcome is not ContactOutcome.ADMITTED:
            refused[each.enrolment_id] = _CAPS[outcome]
    return book, refused
