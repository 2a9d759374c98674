"""Rings of keys: how they are written, which key is in use, and what is gone."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from dangol_service_kit.key_ring import (
    FileSource,
    KeyMissingError,
    KeyRing,
    RingKey,
    TextSource,
    format_line,
    parse_ring,
    source_of,
)
from dangol_service_kit.keys import TenantKeys

DERIVED = TenantKeys(bytes(32))
SECOND = RingKey(2, 1_000, b"2" * 32)
THIRD = RingKey(3, 2_000, b"3" * 32)


def test_a_ring_reads_what_it_writes() -> None:
    """In order of version, with comments and empty lines passed over."""
    text = f"# ours\n\n{format_line(THIRD)}\n{format_line(SECOND)}\n"
    assert [SECOND, THIRD] == parse_ring(text)
    assert [SECOND, THIRD] == parse_ring(f"{format_line(SECOND)},{format_line(THIRD)}")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("2 2026-12-01T00:00:00Z", "version, time, base64"),
        ("1 2026-12-01T00:00:00Z " + "A" * 43 + "=", "a number from 2 to 254"),
        ("255 2026-12-01T00:00:00Z " + "A" * 43 + "=", "a number from 2 to 254"),
        ("2 tomorrow " + "A" * 43 + "=", "ISO 8601"),
        ("2 2026-12-01T00:00:00 " + "A" * 43 + "=", "needs a zone"),
        ("2 2026-12-01T00:00:00Z AAAA", "base64 of 32 bytes"),
        ("2 2026-12-01T00:00:00Z ????", "base64 of 32 bytes"),
    ],
)
def test_a_bad_line_is_named_and_its_key_is_not_quoted(line: str, complaint: str) -> None:
    """The message says what to write."""
    with pytest.raises(ValueError, match="line 2 of the ring") as caught:
        parse_ring(f"{format_line(THIRD)}\n{line}")
    assert complaint in str(caught.value)
    assert line.rsplit(maxsplit=1)[-1] not in str(caught.value)


def test_a_version_stands_once() -> None:
    """Two keys of one number would be opened by chance."""
    with pytest.raises(ValueError, match="repeats version 2"):
        parse_ring(f"{format_line(SECOND)}\n{format_line(SECOND)}")


def test_the_newest_version_whose_time_has_come_is_in_use() -> None:
    """So that processes that know of it change over at one moment."""
    ring = KeyRing(DERIVED, [SECOND, THIRD])
    assert [1, 2, 2, 3] == [ring.active(at_ms) for at_ms in (999, 1_000, 1_999, 2_000)]
    assert [0, 1_000, 2_000] == [ring.active_since_ms(version) for version in (1, 2, 3)]


def _sealed(ring: KeyRing, tenant_id: str, version: int) -> bytes:
    """The same for the same key, for once with the same nonce."""
    return ring.tenant_cipher(tenant_id, version).encrypt(bytes(12), b"Kim", None)


def test_each_tenant_and_version_has_a_key_of_its_own() -> None:
    """And the same one each time, also after the ring was read anew."""
    ring = KeyRing(DERIVED, [SECOND, THIRD])
    pairs = [(tenant, version) for tenant in ("shop", "other") for version in (1, 2, 3)]
    sealed = [_sealed(ring, *pair) for pair in pairs]
    assert 6 == len(set(sealed))
    ring.replace([SECOND, THIRD])
    assert sealed == [_sealed(ring, *pair) for pair in pairs]


def test_a_version_that_left_the_ring_is_gone() -> None:
    """What was sealed under it opens no more."""
    ring = KeyRing(DERIVED, [SECOND, THIRD])
    ring.tenant_cipher("shop", 2)
    ring.replace([THIRD])
    assert [1, 3] == ring.versions()
    with pytest.raises(KeyMissingError):
        ring.tenant_cipher("shop", 2)


def test_a_version_with_another_key_is_another_key() -> None:
    """A ring that was put right is taken as it is."""
    ring = KeyRing(DERIVED, [SECOND])
    before = _sealed(ring, "shop", 2)
    ring.replace([RingKey(2, 1_000, b"x" * 32)])
    assert before != _sealed(ring, "shop", 2)


async def test_a_file_is_read_anew_and_a_text_is_not(tmp_path: Path) -> None:
    """A file may gain and lose keys while a process runs."""
    path = tmp_path / "ring"
    path.write_text(format_line(SECOND))
    file, text = FileSource(path), TextSource(format_line(SECOND))
    path.write_text(format_line(THIRD))
    assert [THIRD] == await file.read()
    assert [SECOND] == await text.read()


def test_a_process_is_told_of_one_source() -> None:
    """Of none, it has the derived version alone."""
    assert source_of(None, None) is None
    with pytest.raises(ValueError, match="not both"):
        source_of(Path("ring"), base64.b64encode(bytes(32)).decode())
