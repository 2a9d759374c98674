"""How often campaigns may turn to one customer. Pure.

A customer's contacts are one document, so two campaigns that act at the same time cannot both take
the last place. Contacts may be noted in any order of their times: no span of the cap's length
ever holds more than it allows.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

# Beyond the longest span of a cap.
KEPT_MS = 366 * 24 * 3600 * 1000
KEPT_MAX = 500


class ContactOutcome(StrEnum):
    """ADMITTED also where the same enrolment was admitted before."""

    ADMITTED = "ADMITTED"
    CUSTOMER_CAPPED = "CUSTOMER_CAPPED"
    FREQUENCY_CAPPED = "FREQUENCY_CAPPED"


class Contact(NamedTuple):
    """counts: towards the tenant's frequency cap."""

    at_ms: int
    enrolment_id: str
    campaign_id: str
    counts: bool


class FrequencyCap(NamedTuple):
    """At most contacts_max in [t, t + window_ms) for every t; 0 for no cap."""

    contacts_max: int
    window_ms: int


@dataclass(frozen=True, slots=True)
class ContactBook:
    """contacts in order of time; counts: how often each campaign was admitted in all."""

    customer_id: str
    contacts: tuple[Contact, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    version: int = 0


def admit(
    book: ContactBook,
    contact: Contact,
    cap: FrequencyCap,
    customer_cap: int,
    inherited: Sequence[ContactBook] = (),
) -> tuple[ContactOutcome, ContactBook]:
    """Whether the contact may take place, and the book with it. customer_cap 0: no limit.

    inherited: books of those who were merged into the customer; they count like its own.
    """
    known = [one for each in (book, *inherited) for one in each.contacts]
    if any(one.enrolment_id == contact.enrolment_id for one in known):
        return ContactOutcome.ADMITTED, book
    count = book.counts.get(contact.campaign_id, 0)
    before = sum(each.counts.get(contact.campaign_id, 0) for each in inherited)
    if customer_cap and count + before >= customer_cap:
        return ContactOutcome.CUSTOMER_CAPPED, book
    times = sorted(one.at_ms for one in known if one.counts)
    if contact.counts and cap.contacts_max and not _fits(times, contact.at_ms, cap):
        return ContactOutcome.FREQUENCY_CAPPED, book
    counts = book.counts | {contact.campaign_id: count + 1}
    return ContactOutcome.ADMITTED, replace(book, contacts=_with(book, contact), counts=counts)


def withdraw(book: ContactBook, enrolment_id: str) -> ContactBook:
    """The book without a contact that did not take place after all; the same if it has none."""
    kept = tuple(known for known in book.contacts if known.enrolment_id != enrolment_id)
    gone = [known for known in book.contacts if known.enrolment_id == enrolment_id]
    if not gone:
        return book
    counts = dict(book.counts)
    for contact in gone:
        counts[contact.campaign_id] -= 1
    return replace(book, contacts=kept, counts=counts)


def _with(book: ContactBook, contact: Contact) -> tuple[Contact, ...]:
    contacts = list(book.contacts)
    insort(contacts, contact)
    newest_ms = contacts[-1].at_ms
    return tuple([each for each in contacts if each.at_ms > newest_ms - KEPT_MS][-KEPT_MAX:])


def _fits(times: Sequence[int], at_ms: int, cap: FrequencyCap) -> bool:
    """Whether every span with the new contact holds at most the allowed number.

    It is enough to look at spans that begin with a contact.
    """
    start = bisect_right(times, at_ms - cap.window_ms)
    near = list(times[start : bisect_left(times, at_ms + cap.window_ms)])
    insort(near, at_ms)
    length = cap.contacts_max + 1
    spans = zip(near, near[length - 1 :], strict=False)
    return all(last - first >= cap.window_ms for first, last in spans)
