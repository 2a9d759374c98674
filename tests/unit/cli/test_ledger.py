"""Exported checkpoints off line: what holds, and what does not."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dangol_cli.__main__ import main
from dangol_service_kit.notes import SignerKey

Change = Callable[[list[str]], list[str]]
_FILES = ("key", "notes", "accounts")


def _note(signer: SignerKey, number: int, previous: str, lines: list[str]) -> str:
    """The shape of docs/ledger.md, of a list that has one account or none."""
    leaves = [hashlib.sha256(b"\0" + line.encode()).digest() for line in lines]
    root = leaves[0] if leaves else hashlib.sha256().digest()
    return signer.sign(
        f"dangol.ledger/shop\n{len(lines)}\n{base64.b64encode(root).decode()}\n"
        f"number {number}\nprevious {previous}\nentries {len(lines)}\ntaken {number}\n"
    )


def _digest(note: str) -> str:
    text = note.partition("\n\n")[0] + "\n"
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class Export:
    """Three chained checkpoints, the list of the newest, and the key that signed them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.signer = SignerKey("dangol-ledger", Ed25519PrivateKey.generate())

    def write(self, change: Change = lambda notes: notes) -> list[str]:
        """Writes them, changed as asked; answers the command's arguments."""
        notes = [_note(self.signer, 1, "-", [])]
        for number in (2, 3):
            notes.append(_note(self.signer, number, _digest(notes[-1]), [f"{number} aa c_1"]))
        (self.directory / "key").write_text(f"{self.signer.verifier}\n")
        (self.directory / "notes").write_text("".join(change(notes)))
        (self.directory / "accounts").write_text("3 aa c_1\n")
        key, notes_file, accounts = [str(self.directory / name) for name in _FILES]
        return ["ledger", "verify", "--key", key, notes_file, "--accounts", accounts]


@pytest.fixture
def export(tmp_path: Path) -> Export:
    """In a directory of the test's own."""
    return Export(tmp_path)


def test_a_chain_of_checkpoints_holds(export: Export, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the order, and a copy of one beside it."""
    main(export.write(lambda notes: [notes[2], notes[0], notes[1], notes[0]]))
    printed = capsys.readouterr().out.splitlines()
    assert [f"shop {number}:" for number in (1, 2, 3)] == [line[:7] for line in printed[:3]]
    assert printed[3].endswith("the accounts of checkpoint 3")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda notes: [note.replace("entries 1", "entries 9") for note in notes], "signature"),
        (lambda _: [], "no checkpoint"),
        (lambda notes: notes[:2], "not those of checkpoint 2"),
    ],
)
def test_what_does_not_hold_is_said(export: Export, change: Change, message: str) -> None:
    """And the command fails."""
    with pytest.raises(SystemExit, match=message):
        main(export.write(change))


@pytest.mark.parametrize(
    ("previous", "number", "message"), [("-", 3, "two different"), ("-", 4, "does not follow")]
)
def test_a_fork_is_found_though_it_is_signed(
    export: Export, previous: str, number: int, message: str
) -> None:
    """Even the holder of the key cannot tell two stories to one who kept the first."""
    other = _note(export.signer, number, previous, ["3 aa c_1"])
    with pytest.raises(SystemExit, match=message):
        main(export.write(lambda notes: [*notes, other]))


def test_files_that_cannot_be_read_are_named(export: Export, tmp_path: Path) -> None:
    """A missing one, and a key that is none."""
    arguments = export.write()
    (tmp_path / "key").write_text("not a key\n")
    with pytest.raises(SystemExit, match="no verifier key"):
        main(arguments)
    (tmp_path / "key").unlink()
    with pytest.raises(SystemExit, match="cannot be read"):
        main(arguments)
