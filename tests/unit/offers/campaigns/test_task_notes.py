"""Notes of staff do not take in what is sealed elsewhere."""

import pytest
from offers_service.task_notes import personal

NAMED = {
    "call 010-1234-5678": "a phone number",
    "01012345678 after six": "a phone number",
    "매장으로 전화: 02) 123-4567": "a phone number",
    "+82 10 1234 5678": "a phone number",
    "(031)123-4567": "a phone number",
    "write to ann.lee@example.co.kr": "an email address",
    "900101-2345678": "a resident registration number",
    "9001012345678": "a resident registration number",
    "paid with 4111 1111 1111 1111": "a card number",
    "4111-1111-1111-1111": "a card number",
}
HARMLESS = [
    "comes on Friday at 10",
    "order 20260301-000123 came back",
    "wants size 270, bought 2 for 129,000 won",
    "coupon 7KQ2-M0XA-9F3D",
    "금요일 오후 3시에 방문",
    "due 2026-12-24 18:00",
    "prefers @home",
    "",
]


@pytest.mark.parametrize(("note", "named"), NAMED.items())
def test_what_reaches_or_identifies_a_person_is_named(note: str, named: str) -> None:
    """However it is typed."""
    assert named == personal(note)


@pytest.mark.parametrize("note", HARMLESS)
def test_other_notes_are_as_they_are(note: str) -> None:
    """Orders, codes, amounts and times."""
    assert "" == personal(note)
