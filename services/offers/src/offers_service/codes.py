"""Ids, codes and tokens: derived, never drawn, so that a retry gives the same one. Pure.

Codes (60 bit) and tokens (128 bit) are MACs over the account and a counter under a key of the
tenant; the database holds only a keyed hash by which they are found. The MAC is keyed BLAKE2b
(RFC 7693).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from offers_service.journal import fingerprint

# Read by people at tills: no I, L, O or U.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_CODE_LETTERS = 12
_CODE_BYTES = 8
_BULK_LETTERS = 16
_BULK_BYTES = 10
_TOKEN_BYTES = 16
_ID_BYTES = 16
LOOKUP_BYTES = 12
# Goes into every MAC; a new version of the tenant's keys gets the next number.
KEY_VERSION = 1


def account_id(prefix: str, *cause: str) -> str:
    """An account's id from what caused it: the same cause, the same account."""
    framed = "".join([f"{len(part)}:{part}" for part in cause])
    return prefix + blake2b(framed.encode(), digest_size=_ID_BYTES).hexdigest()


def coupon_ids(campaign: str, offer: str, cause: str) -> Callable[[str], str]:
    """customer id -> the id of the coupon that `cause` gives that customer."""
    head = f"{len(campaign)}:{campaign}{len(offer)}:{offer}{len(cause)}:{cause}".encode()

    def coupon_id(customer: str) -> str:
        return "c_" + blake2b(head + customer.encode(), digest_size=_ID_BYTES).hexdigest()

    return coupon_id


def direct_coupon_id(actor: str, request_id: str) -> str:
    """The coupon that one request issues: other content under that id meets the same account."""
    return account_id("c_", "direct", actor, request_id)


def limited_coupon_id(offer: str, customer: str, place: int) -> str:
    """The coupon in one of the places that a customer has for an offer with a limit."""
    return account_id("c_", "place", offer, customer, str(place))


def gift_id(coupon_id: str, entry_number: int) -> str:
    """The gift that one entry of a coupon opens."""
    return account_id("g_", coupon_id, str(entry_number))


@dataclass(frozen=True, slots=True)
class Secrets:
    """One tenant's keys, 32 bytes each; purposes coupon-code, gift-token, blind-index and
    fingerprint."""

    code_key: bytes
    token_key: bytes
    lookup_key: bytes
    fingerprint_key: bytes

    def code(self, coupon_id: str, generation: int) -> str:
        """What the till scans, for example 7KQ2-M0XA-9F3D; each owner has another one."""
        number = int.from_bytes(self._code_value(coupon_id, generation), "big") >> 4
        shifts = range(5 * (_CODE_LETTERS - 1), -1, -5)
        text = "".join([_ALPHABET[number >> shift & 31] for shift in shifts])
        return f"{text[:4]}-{text[4:8]}-{text[8:]}"

    def code_lookup(self, coupon_id: str, generation: int) -> bytes:
        """The keyed hash by which the coupon of a code is found."""
        return self._lookup(self._code_value(coupon_id, generation))

    def lookup_of_code(self, code: str) -> bytes | None:
        """The same from a code as someone typed it; None for what cannot be a code."""
        number = _number(code, _CODE_LETTERS)
        return None if number is None else self._lookup((number << 4).to_bytes(_CODE_BYTES, "big"))

    def bulk_code(self, account: str) -> str:
        """A code of a batch, 80 bits: for example 7KQ2-M0XA-9F3D-0HZ4."""
        number = int.from_bytes(self._bulk_value(account), "big")
        shifts = range(5 * (_BULK_LETTERS - 1), -1, -5)
        text = "".join([_ALPHABET[number >> shift & 31] for shift in shifts])
        return "-".join([text[start : start + 4] for start in range(0, _BULK_LETTERS, 4)])

    def bulk_lookup(self, account: str) -> bytes:
        """The keyed hash by which a code of a batch is found."""
        return self._lookup(self._bulk_value(account))

    def lookup_of_bulk_code(self, code: str) -> bytes | None:
        """The same from a code as someone typed it; None for what cannot be one."""
        number = _number(code, _BULK_LETTERS)
        return None if number is None else self._lookup(number.to_bytes(_BULK_BYTES, "big"))

    def token(self, gift: str) -> str:
        """The secret part of a gift's link: 22 URL-safe characters."""
        return base64.urlsafe_b64encode(self._token_value(gift)).rstrip(b"=").decode()

    def token_lookup(self, gift: str) -> bytes:
        """The keyed hash by which the gift of a token is found."""
        return self._lookup(self._token_value(gift))

    def lookup_of_token(self, token: str) -> bytes | None:
        """The same from a token as it came in; None for what cannot be a token."""
        try:
            value = base64.b64decode(token.encode() + b"==", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        return self._lookup(value) if len(value) == _TOKEN_BYTES else None

    def print(self, *content: str | int) -> bytes:
        """The keyed fingerprint of a request's content."""
        return fingerprint(self.fingerprint_key, *content)

    def _code_value(self, coupon_id: str, generation: int) -> bytes:
        """60 bits, then four zeros."""
        content = f"{KEY_VERSION}:{generation}:{coupon_id}".encode()
        value = blake2b(content, key=self.code_key, digest_size=_CODE_BYTES).digest()
        return value[:7] + bytes((value[7] & 0xF0,))

    def _bulk_value(self, account: str) -> bytes:
        content = f"{KEY_VERSION}:bulk:{account}".encode()
        return blake2b(content, key=self.code_key, digest_size=_BULK_BYTES).digest()

    def _token_value(self, gift: str) -> bytes:
        content = f"{KEY_VERSION}:{gift}".encode()
        return blake2b(content, key=self.token_key, digest_size=_TOKEN_BYTES).digest()

    def _lookup(self, value: bytes) -> bytes:
        return blake2b(value, key=self.lookup_key, digest_size=LOOKUP_BYTES).digest()


def _number(code: str, length: int) -> int | None:
    """What so many letters mean, however they were typed; None for anything else."""
    letters = [letter for letter in code.upper() if letter not in "- "]
    if len(letters) != length or any(letter not in _VALUES for letter in letters):
        return None
    number = 0
    for letter in letters:
        number = number << 5 | _VALUES[letter]
    return number
