"""How names and numbers are looked up and masked."""

from __future__ import annotations

import unicodedata

import pytest
from profile_service.search import (
    SearchKind,
    Wanted,
    check,
    initials,
    last_four,
    mask_name,
    mask_phone,
    name_keys,
    typed_initials,
    wanted_keys,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("김민수", "ㄱㅁㅅ"),
        ("까치 호랑", "ㄲㅊㅎㄹ"),
        ("힣가", "ㅎㄱ"),
        (unicodedata.normalize("NFD", "김민수"), "ㄱㅁㅅ"),
        ("Kim", ""),
        ("김 Kim", ""),
        ("", ""),
    ],
)
def test_initial_consonants_are_those_of_whole_korean_names(name: str, expected: str) -> None:
    """From the first syllable to the last, composed or not."""
    assert expected == initials(name)


def test_a_name_is_found_whole_by_its_words_and_by_the_given_name() -> None:
    """Without case and spaces; each way once."""
    name, consonants = SearchKind.NAME, SearchKind.INITIALS
    assert {
        (name, "김민수"),
        (name, "민수"),
        (consonants, "ㄱㅁㅅ"),
        (consonants, "ㅁㅅ"),
    } == set(name_keys("김 민수"))
    assert {(name, "janedoe"), (name, "jane"), (name, "doe")} == set(name_keys(" Jane DOE"))
    assert {(name, "김민"), (consonants, "ㄱㅁ")} == set(name_keys("김민"))
    assert [] == name_keys("  ")


@pytest.mark.parametrize("typed", ["ㄱㅁㅅ", "ㄱ ㅁ ㅅ", "\u1100\u1106\u1109"])
def test_what_is_asked_for_is_among_what_is_kept(typed: str) -> None:
    """However the consonants were typed."""
    keys = wanted_keys(Wanted(name="김민수 ", initials=typed))
    assert set(keys) <= set(name_keys("김민수"))
    assert 2 == len(keys)
    assert "" == typed_initials("ㄱ민")


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("010-1234-5678", "5678"),
        ("+82 10 1234 5678", "5678"),
        ("0311234567", "4567"),
        ("5678", ""),
        ("없음", ""),
    ],
)
def test_the_end_of_a_number_is_that_of_its_digits(number: str, digits: str) -> None:
    """What is too short for a number has none."""
    assert digits == last_four(number)


def test_candidates_are_masked() -> None:
    """Enough to ask the right question."""
    names = {"김민수": "김*수", "김민": "김*", "김": "김", "": "", "Jane Doe": "J*** **e"}
    assert names == {name: mask_name(name) for name in names}
    assert ("***-****-5678", "") == (mask_phone("010-1234-5678"), mask_phone("12"))


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        (Wanted(), ["phone_last_four"]),
        (Wanted(name="김"), ["name"]),
        (Wanted(initials="ㄱ", name="김민수"), ["initials"]),
        (Wanted(initials="김민수"), ["initials"]),
        (Wanted(phone_last_four="5678"), []),
        (Wanted(email="a@b.kr"), []),
    ],
)
def test_a_search_has_to_ask_for_enough(wanted: Wanted, fields: list[str]) -> None:
    """Each lack with its field and the fix."""
    assert fields == [field for field, _ in check(wanted)]
