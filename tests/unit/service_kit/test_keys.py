"""Secrets of tenants: derived, apart from each other, and stable."""

import base64
from pathlib import Path

import pytest
from dangol_service_kit.keys import TenantKeys, from_file

MASTER = bytes(range(32))


def test_derivation_is_stable_across_processes() -> None:
    """The same parts give the same key for ever: data sealed under it must stay readable."""
    expected = "94d98e2317a73192163d1f2827b2f96e8537a073f15d9767bd06dc8c46e74332"
    assert expected == TenantKeys(MASTER).derive("shop", "identifier").hex()


def test_every_part_matters() -> None:
    """Tenant, purpose, version and master key each change the key."""
    keys = TenantKeys(MASTER)
    derived = {
        keys.derive("shop", "identifier"),
        keys.derive("shop2", "identifier"),
        keys.derive("shop", "seal"),
        keys.derive("shop", "identifier", version=2),
        TenantKeys(MASTER[::-1]).derive("shop", "identifier"),
    }
    assert len(derived) == 5
    assert {32} == {len(key) for key in derived}


def test_parts_cannot_run_into_each_other() -> None:
    """A separator inside a part would make two different keys one."""
    with pytest.raises(ValueError, match="slash"):
        TenantKeys(MASTER).derive("shop/1", "identifier")


def test_the_file_holds_base64_of_32_bytes(tmp_path: Path) -> None:
    """A good file is read; a short key and other text are refused."""
    path = tmp_path / "master"
    path.write_text(base64.b64encode(MASTER).decode() + "\n")
    assert TenantKeys(MASTER).derive("a-b", "x") == from_file(path).derive("a-b", "x")
    for text in ("c2hvcnQ=", "not base64!"):
        path.write_text(text)
        with pytest.raises(ValueError, match=r"bytes|base64"):
            from_file(path)
