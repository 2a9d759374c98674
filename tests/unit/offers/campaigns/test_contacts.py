"""Frequency caps and caps per customer, whatever order contacts are heard of in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from offers_service import contacts as rules
from offers_service.contacts import Contact, ContactBook, ContactOutcome, FrequencyCap

DAY_MS = 86_400_000
CAP = FrequencyCap(2, 7 * DAY_MS)
NO_CAP = FrequencyCap(0, 0)


def contact(at_ms: int, name: str = "", campaign: str = "a", *, counts: bool = True) -> Contact:
    """A contact whose enrolment is named after its time unless told."""
    return Contact(at_ms, name or f"e-{campaign}-{at_ms}", campaign, counts)


def admit_all(
    contacts: list[Contact], cap: FrequencyCap = CAP, customer_cap: int = 0
) -> tuple[list[ContactOutcome], ContactBook]:
    """What becomes of each, in order."""
    book, outcomes = ContactBook("c-1"), []
    for each in contacts:
        outcome, book = rules.admit(book, each, cap, customer_cap)
        outcomes.append(outcome)
    return outcomes, book


def most_in_a_span(times: list[int], window_ms: int) -> int:
    """The largest number of times in any [t, t + window_ms), looked for at every time."""
    return max((sum(start <= at < start + window_ms for at in times) for start in times), default=0)


@given(
    st.lists(st.integers(0, 60), max_size=40),
    st.integers(1, 4),
    st.integers(1, 20),
)
def test_no_span_ever_holds_more_than_the_cap(days: list[int], most: int, length: int) -> None:
    """Contacts of several campaigns in any order of their times."""
    cap = FrequencyCap(most, length)
    wanted = [contact(day, f"e-{number}", "ab"[number % 2]) for number, day in enumerate(days)]
    outcomes, book = admit_all(wanted, cap)
    admitted = [known.at_ms for known in book.contacts]
    assert most_in_a_span(admitted, length) <= most
    # And nobody is refused for whom there was room at the time.
    taken: list[int] = []
    for each, outcome in zip(wanted, outcomes, strict=True):
        fits = most_in_a_span([*taken, each.at_ms], length) <= most
        assert fits is (outcome is ContactOutcome.ADMITTED)
        if fits:
            taken.append(each.at_ms)


def test_exactly_the_window_apart_is_apart() -> None:
    """The span is half open."""
    outcomes, _ = admit_all([contact(0), contact(1), contact(7 * DAY_MS - 1), contact(7 * DAY_MS)])
    capped, admitted = ContactOutcome.FREQUENCY_CAPPED, ContactOutcome.ADMITTED
    assert [admitted, admitted, capped, admitted] == outcomes


def test_a_repeated_enrolment_takes_no_second_place() -> None:
    """The same book, whatever time the repeat carries."""
    _, book = admit_all([contact(0, "e-1")])
    outcome, again = rules.admit(book, contact(5, "e-1"), FrequencyCap(1, DAY_MS), 1)
    assert (ContactOutcome.ADMITTED, book) == (outcome, again)


def test_contacts_outside_the_cap_neither_count_nor_are_stopped() -> None:
    """What customers are owed comes in any case, and takes nothing from the others."""
    owed = [contact(number, campaign="owed", counts=False) for number in range(5)]
    outcomes, book = admit_all([*owed, contact(10), contact(11), contact(12)])
    assert [ContactOutcome.ADMITTED] * 7 == outcomes[:7]
    assert ContactOutcome.FREQUENCY_CAPPED is outcomes[7]
    assert ContactOutcome.ADMITTED is rules.admit(book, contact(13, counts=False), CAP, 0)[0]


def test_a_campaign_acts_on_a_customer_so_often_and_no_more() -> None:
    """Its own count; other campaigns have theirs."""
    outcomes, book = admit_all([contact(day * DAY_MS) for day in range(3)], NO_CAP, customer_cap=2)
    admitted = ContactOutcome.ADMITTED
    assert [admitted, admitted, ContactOutcome.CUSTOMER_CAPPED] == outcomes
    assert admitted is rules.admit(book, contact(9, campaign="b"), NO_CAP, 1)[0]


def test_a_contact_that_did_not_take_place_gives_its_place_back() -> None:
    """To the customer's cap and to the frequency cap."""
    _, book = admit_all([contact(0, "e-1"), contact(1, "e-2")], customer_cap=2)
    freed = rules.withdraw(book, "e-1")
    assert ContactOutcome.ADMITTED is rules.admit(freed, contact(2, "e-3"), CAP, 2)[0]
    assert freed == rules.withdraw(freed, "e-1")


def test_a_book_stays_small() -> None:
    """Old contacts are forgotten, how often a campaign acted is not."""
    many = [contact(number * DAY_MS, f"e-{number}") for number in range(1_000)]
    _, book = admit_all(many, NO_CAP, customer_cap=1_000)
    assert len(book.contacts) <= 366
    assert {"a": 1_000} == book.counts


def test_contacts_of_who_was_merged_into_the_customer_count_alike() -> None:
    """To the frequency cap and to the campaign's own; an enrolment admitted there is admitted."""
    _, visitor = admit_all([contact(0, "e-1")])
    _, member = admit_all([contact(1, "e-2")])
    third = contact(2, "e-3")
    admitted = ContactOutcome.ADMITTED
    assert admitted is rules.admit(member, third, CAP, 0)[0]
    refused = ContactOutcome.FREQUENCY_CAPPED
    assert refused is rules.admit(member, third, CAP, 0, [visitor])[0]
    capped = ContactOutcome.CUSTOMER_CAPPED
    assert capped is rules.admit(member, third, NO_CAP, 2, [visitor])[0]
    assert (admitted, member) == rules.admit(member, contact(5, "e-1"), CAP, 2, [visitor])
