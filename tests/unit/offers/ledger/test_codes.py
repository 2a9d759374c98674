"""Ids, codes and tokens."""

import pytest
from offers_service.codes import Secrets, account_id, coupon_ids
from offers_service.journal import fingerprint

SECRETS = Secrets(b"c" * 32, b"t" * 32, b"l" * 32, b"f" * 32)


def test_a_code_is_found_however_it_was_typed() -> None:
    """Lower case, spaces and the letters people mistake for digits."""
    code = SECRETS.code("c_1", 0)
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert SECRETS.code_lookup("c_1", 0) == SECRETS.lookup_of_code(typed)


@pytest.mark.parametrize("text", ["", "ABC", "0000-0000-000U", "0" * 13, "한국-0000-0000"])
def test_what_cannot_be_a_code_is_none(text: str) -> None:
    """No database is asked for it."""
    assert SECRETS.lookup_of_code(text) is None


@pytest.mark.parametrize("text", ["", "A", "?" * 22, "A" * 23, "A" * 43, "\u00e9" * 22])
def test_what_cannot_be_a_token_is_none(text: str) -> None:
    """No database is asked for it."""
    assert SECRETS.lookup_of_token(text) is None


def test_codes_of_generations_tenants_and_coupons_differ() -> None:
    """Knowing one says nothing of another."""
    other = Secrets(b"C" * 32, b"T" * 32, b"L" * 32, b"F" * 32)
    codes = {SECRETS.code(coupon, number) for coupon in ("c_1", "c_2") for number in range(50)}
    codes.add(other.code("c_1", 0))
    assert 101 == len(codes)
    assert {12} == {len(code.replace("-", "")) for code in codes}


def test_a_token_is_found_by_its_hash() -> None:
    """128 bits in 22 characters that a link can carry."""
    token = SECRETS.token("g_1")
    assert 22 == len(token)
    assert SECRETS.token_lookup("g_1") == SECRETS.lookup_of_token(token)


def test_fields_cannot_flow_into_each_other() -> None:
    """Length prefixes keep lists of fields apart."""
    assert account_id("c_", "ab", "c") != account_id("c_", "a", "bc")
    assert coupon_ids("a", "bc", "list")("x") != coupon_ids("ab", "c", "list")("x")
    assert fingerprint(b"k" * 32, "ab", "c") != fingerprint(b"k" * 32, "a", "bc")


def test_the_same_cause_gives_the_same_coupon() -> None:
    """So issuing twice is one insert twice."""
    assert coupon_ids("a", "b", "list")("ann") == coupon_ids("a", "b", "list")("ann")
