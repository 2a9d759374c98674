"""What a token says, read strictly: whatever two readers could understand differently is refused.

RFC 7515 (JWS), RFC 7519 (JWT) and the advice of RFC 8725. Nothing here says that a token is
genuine; it only says that there is one way to read it.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from typing import Any, NamedTuple, NoReturn

TOKEN_MAX = 8192
_TEXT_MAX = 256
_PARTS = re.compile(r"([A-Za-z0-9_-]{1,8192})\.([A-Za-z0-9_-]{1,8192})\.([A-Za-z0-9_-]{1,8192})")
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
# Extensions that change how the rest is to be read: of these we have none.
_EXTENSIONS = ("crit", "b64", "zip", "enc", "cty")
# The last instant that a date of four digits has; no calendar of ours goes further.
_SECONDS_MAX = 253_402_300_799


class TokenText(NamedTuple):
    """The name of the key and algorithm that it claims, and its claims."""

    kid: str
    algorithm: str
    claims: dict[str, Any]


def read_token(token: str) -> TokenText:
    """Takes a token apart. Raises ValueError, whose text names what is wrong but quotes nothing."""
    if len(token) > TOKEN_MAX:
        raise ValueError("it is too long")
    parts = _PARTS.fullmatch(token)
    if parts is None:
        raise ValueError("it has not the form of a signed token")
    header = _object(_decoded(parts[1]))
    _decoded(parts[3])
    for name in _EXTENSIONS:
        if name in header:
            raise ValueError(f"its header has {name}")
    if str(header.get("typ", "JWT")).lower() not in _TYPES:
        raise ValueError("it is of another type")
    kid, algorithm = header.get("kid"), header.get("alg")
    if not _is_text(kid) or not _is_text(algorithm):
        raise ValueError("its header names no key or no algorithm")
    claims = _object(_decoded(parts[2]))
    _check_claims(claims)
    return TokenText(str(kid), str(algorithm), claims)


def _check_claims(claims: dict[str, Any]) -> None:
    for name in ("exp", "iat", "nbf"):
        if name in claims and not _is_instant(claims[name]):
            raise ValueError(f"{name} is no time")
    for name in ("exp", "iat", "sub", "iss", "aud"):
        if name not in claims:
            raise ValueError(f"{name} is missing")
    if not _is_text(claims["sub"]):
        raise ValueError("sub is no id")


def _decoded(part: str) -> bytes:
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise ValueError("a part is no base64url") from None
    # Otherwise one token could be written in many ways, and remembered as often.
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise ValueError("a part is written in a way of its own")
    return data


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise ValueError(f"a part is no JSON of ours ({type(error).__name__})") from None
    if not isinstance(value, dict):
        raise ValueError("a part is no JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name comes twice")
    return values


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("it has a number that JSON does not know")


def _is_instant(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and 0 <= value <= _SECONDS_MAX


def _is_text(value: Any) -> bool:
    """A text of printable characters, as every id of ours is."""
    return isinstance(value, str) and 0 < len(value) <= _TEXT_MAX and value.isprintable()
