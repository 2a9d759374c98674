"""Keyed hashes and sealed values."""

from __future__ import annotations

import pytest
from dangol_service_kit.keys import TenantKeys
from profile_service.sealing import SealBrokenError, Vault

VAULT = Vault(TenantKeys(bytes(32)))


def test_a_value_opens_with_its_owners_key_in_its_own_place() -> None:
    """Also after the key was kept sealed."""
    key = VAULT.new_key("shop", b"u_1")
    sealed = key.seal(b"Kim", b"name")
    kept = VAULT.open_key("shop", b"u_1", key.sealed)
    assert b"Kim" == kept.open(sealed, b"name")
    assert b"Kim" not in sealed


def test_a_value_opens_nowhere_else() -> None:
    """Another place, another owner's key, another tenant, or one bit changed."""
    key = VAULT.new_key("shop", b"u_1")
    sealed = key.seal(b"Kim", b"name")
    flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for attempt in (
        lambda: key.open(sealed, b"email"),
        lambda: key.open(flipped, b"name"),
        lambda: key.open(b"", b"name"),
        lambda: VAULT.new_key("shop", b"u_1").open(sealed, b"name"),
        lambda: VAULT.open_key("shop", b"u_2", key.sealed),
        lambda: VAULT.open_key("other", b"u_1", key.sealed),
        lambda: VAULT.open_key("shop", b"u_1", b"\x02" + key.sealed[1:]),
        lambda: VAULT.open_key("shop", b"u_1", b""),
    ):
        with pytest.raises(SealBrokenError):
            attempt()


def test_sealing_twice_gives_different_bytes() -> None:
    """So equal values cannot be recognised."""
    key = VAULT.new_key("shop", b"u_1")
    assert key.seal(b"Kim", b"name") != key.seal(b"Kim", b"name")


def test_an_identifiers_hash_depends_on_tenant_namespace_and_value_apart() -> None:
    """And is the same every time."""
    names = [("shop", "member", "1"), ("shop", "device", "1"), ("other", "member", "1")]
    names += [("shop", "member", "11"), ("shop", "member1", "1")]
    hashes = [VAULT.identifier_hash(*name) for name in names]
    assert len(names) == len(set(hashes))
    assert hashes == [VAULT.identifier_hash(*name) for name in names]
    assert {16} == {len(one) for one in hashes}


def test_a_customers_id_follows_from_the_identifier_and_does_not_show_it() -> None:
    """Eighteen characters that fit into keys and URLs."""
    identifier = VAULT.identifier_hash("shop", "member", "1")
    customer_id = VAULT.customer_id("shop", identifier)
    assert customer_id == VAULT.customer_id("shop", identifier)
    assert (18, "u_") == (len(customer_id), customer_id[:2])
    assert customer_id != VAULT.customer_id("other", identifier)


def test_fingerprints_keep_parts_apart() -> None:
    """Moving a byte from one part to the next is other content."""
    assert VAULT.fingerprint("shop", b"ab", b"c") != VAULT.fingerprint("shop", b"a", b"bc")
