"""Rings of keys made and changed by the command."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest
from dangol_cli.__main__ import main
from dangol_service_kit.key_ring import parse_ring


def test_a_ring_begins_and_grows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each version with a key of its own, and a time ahead; nobody else reads the file."""
    path = tmp_path / "ring"
    main(["keys", "rotate", str(path), "--ahead", "10m"])
    main(["keys", "rotate", str(path), "--ahead", "1h"])
    keys = parse_ring(path.read_text())
    assert [2, 3] == [one.version for one in keys]
    assert keys[0].key != keys[1].key
    ahead_ms = keys[0].active_ms - time.time() * 1000
    assert 0 < ahead_ms <= 600_000 < keys[1].active_ms - time.time() * 1000
    assert 0 == stat.S_IMODE(path.stat().st_mode) & 0o077
    assert "version 3 comes into use at" in capsys.readouterr().out


def test_a_version_is_retired_when_another_is_in_use(tmp_path: Path) -> None:
    """Neither the one in use, nor one to come, nor one that is not there."""
    path = tmp_path / "ring"
    main(["keys", "rotate", str(path), "--ahead", "1s"])
    text = path.read_text()
    path.write_text(text.replace(text.split()[1], "2020-01-01T00:00:00Z"))
    with pytest.raises(SystemExit, match="in use"):
        main(["keys", "retire", str(path), "2"])
    main(["keys", "rotate", str(path), "--ahead", "1h"])
    for version, complaint in (("2", "in use"), ("3", "in use"), ("9", "no version 9")):
        with pytest.raises(SystemExit, match=complaint):
            main(["keys", "retire", str(path), version])
    lines = path.read_text().splitlines()
    path.write_text(lines[0] + "\n" + lines[1].replace(lines[1].split()[1], "2020-01-02T00:00:00Z"))
    main(["keys", "retire", str(path), "2"])
    assert [3] == [one.version for one in parse_ring(path.read_text())]


def test_what_is_no_ring_is_left_alone(tmp_path: Path) -> None:
    """The message says what is wrong with it."""
    path = tmp_path / "ring"
    path.write_text("not a ring\n")
    with pytest.raises(SystemExit, match="is not a ring of keys: line 1"):
        main(["keys", "rotate", str(path)])
    assert "not a ring\n" == path.read_text()
