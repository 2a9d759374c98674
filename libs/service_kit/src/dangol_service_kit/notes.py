"""Signed notes: text with an Ed25519 signature that anybody can check without us.

The format is C2SP's signed note (https://c2sp.org/signed-note), which transparency logs use:

    text, of lines
    <empty line>
    — <key name> base64(key id || signature)

The key id is the first four bytes of SHA-256(key name || 0x0A || 0x01 || public key), and a
verifier key is written as "<key name>+<key id in hex>+base64(0x01 || public key)".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

NOTE_BYTES_MAX = 65_536
_ED25519 = b"\x01"
_DASH = "\N{EM DASH} "
_ID_BYTES = 4


class NoteError(Exception):
    """A note is not one, or none of the keys given has signed it."""


class VerifierKey:
    """A public key under a name."""

    def __init__(self, name: str, public: Ed25519PublicKey) -> None:
        if not name or any(letter.isspace() or letter == "+" for letter in name):
            raise ValueError("a key's name has no spaces and no plus")
        raw = public.public_bytes_raw()
        self.name = name
        self.id = hashlib.sha256(name.encode() + b"\n" + _ED25519 + raw).digest()[:_ID_BYTES]
        self._public = public

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """From its written form. Raises ValueError for anything else."""
        name, _, rest = text.strip().partition("+")
        digits, _, encoded = rest.partition("+")
        try:
            content = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise ValueError("not a verifier key") from None
        if content[:1] != _ED25519:
            raise ValueError("not an Ed25519 verifier key")
        key = cls(name, Ed25519PublicKey.from_public_bytes(content[1:]))
        if digits != key.id.hex():
            raise ValueError("the key's id does not belong to it")
        return key

    def __str__(self) -> str:
        content = base64.b64encode(_ED25519 + self._public.public_bytes_raw()).decode()
        return f"{self.name}+{self.id.hex()}+{content}"

    def accepts(self, text: bytes, signature: bytes) -> bool:
        """Whether this key signed the text."""
        try:
            self._public.verify(signature, text)
        except InvalidSignature:
            return False
        return True


class SignerKey:
    """A private key under a name."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self.verifier = VerifierKey(name, private.public_key())
        self._private = private

    @classmethod
    def from_file(cls, name: str, path: Path) -> SignerKey:
        """From a PEM file. Raises OSError or ValueError."""
        private = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError("the key file must hold an Ed25519 private key")
        return cls(name, private)

    def sign(self, text: str) -> str:
        """The note of a text, whose lines all end and of which none is empty.

        Raises ValueError for other text.
        """
        if not text.endswith("\n") or text.startswith("\n") or "\n\n" in text:
            raise ValueError("a note's lines all end, and none is empty")
        signature = self.verifier.id + self._private.sign(text.encode())
        encoded = base64.b64encode(signature).decode()
        return f"{text}\n{_DASH}{self.verifier.name} {encoded}\n"


def open_note(note: str, keys: Iterable[VerifierKey]) -> str:
    """The text of a note that one of `keys` signed.

    Signatures by other keys are passed over; a wrong one by a key given fails the note.
    Raises NoteError.
    """
    text, separator, tail = note.rpartition("\n\n")
    if not separator or len(note.encode()) > NOTE_BYTES_MAX or not tail.endswith("\n"):
        raise NoteError("not a signed note")
    text += "\n"
    known = {(key.name, key.id): key for key in keys}
    for line in tail.splitlines():
        name, signature = _signature(line)
        key = known.get((name, signature[:_ID_BYTES]))
        if key is None:
            continue
        if not key.accepts(text.encode(), signature[_ID_BYTES:]):
            raise NoteError("the signature does not belong to the text")
        return text
    raise NoteError("no key given has signed it")


def _signature(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        signature = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        signature = b""
    if not line.startswith(_DASH) or not name or len(signature) <= _ID_BYTES:
        raise NoteError("a signature's line is malformed")
    return name, signature
