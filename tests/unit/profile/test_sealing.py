"""Keyed hashes and sealed values."""

from __future__ import annotations

import pytest
from dangol_service_kit.key_ring import KeyRing, RingKey
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


def test_a_data_key_follows_the_version_in_use() -> None:
    """Renewed, it is the same key under the tenant's next one; without the old one it opens."""
    now = [0]
    ring = KeyRing(
        TenantKeys(bytes(32)), [RingKey(2, 1_000, b"2" * 32), RingKey(3, 2_000, b"3" * 32)]
    )
    vault = Vault(TenantKeys(bytes(32)), ring=ring, wall_ms=lambda: now[0])
    first = vault.new_key("shop", b"u_1")
    sealed = first.seal(b"Kim", b"name")
    now[0] = 1_500
    second = vault.renew("shop", b"u_1", first.sealed)
    assert [1, 2] == [first.sealed[0], second[0]]
    now[0] = 2_500
    third = vault.renew("shop", b"u_1", second)
    ring.replace([RingKey(3, 2_000, b"3" * 32)])
    assert b"Kim" == vault.open_key("shop", b"u_1", third).open(sealed, b"name")
    with pytest.raises(SealBrokenError):
        vault.open_key("shop", b"u_1", second)
