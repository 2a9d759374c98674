"""Signed notes against the published example of their format, and against changes."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dangol_service_kit.notes import NoteError, SignerKey, VerifierKey, open_note

# From https://c2sp.org/signed-note.
KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
TEXT = "This is an example message.\n"
SIGNATURE = (
    "\N{EM DASH} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj"
    "OBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)


def _signer(name: str = "ours") -> SignerKey:
    return SignerKey(name, Ed25519PrivateKey.generate())


def test_the_published_note_is_opened() -> None:
    """Its key has the same written form here."""
    key = VerifierKey.parse(KEY)
    assert KEY == str(key)
    assert TEXT == open_note(f"{TEXT}\n{SIGNATURE}", [key])


def test_a_note_of_ours_is_opened_by_its_public_key_alone() -> None:
    """From the written form; signatures by others are passed over."""
    signer = _signer()
    note = signer.sign("one\ntwo\n")
    assert "one\ntwo\n" == open_note(note + SIGNATURE, [VerifierKey.parse(str(signer.verifier))])


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace("one", "ona"),
        lambda note: note.replace("two\n", "two\nthree\n"),
        lambda note: note[:-8] + "AAAAAA=\n",
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note.rstrip("\n"),
        lambda note: note.replace("\N{EM DASH} ", "- "),
        lambda note: note.replace(" ours ", " theirs "),
        lambda note: note.partition("\n\n")[0] + "\n\n" + SIGNATURE,
        lambda _: "",
    ],
)
def test_a_changed_note_is_refused(change: object) -> None:
    """Whatever was changed about it."""
    signer = _signer()
    changed = change(signer.sign("one\ntwo\n"))  # type: ignore[operator]
    with pytest.raises(NoteError):
        open_note(changed, [signer.verifier])


def test_another_key_of_the_same_name_opens_nothing() -> None:
    """The key's id is part of the signature."""
    with pytest.raises(NoteError):
        open_note(_signer().sign("one\n"), [_signer().verifier])


@pytest.mark.parametrize("text", ["", "one", "\none\n", "one\n\ntwo\n"])
def test_only_whole_lines_are_signed(text: str) -> None:
    """Or the end of the text could be mistaken."""
    with pytest.raises(ValueError, match="lines"):
        _signer().sign(text)


@pytest.mark.parametrize(
    "text", ["", "x", "x+y+z", KEY.replace("530d", "530e"), KEY.replace("+Aeky", "+Auky")]
)
def test_only_whole_keys_are_read(text: str) -> None:
    """Their id tells a mistyped one."""
    with pytest.raises(ValueError, match="key"):
        VerifierKey.parse(text)
