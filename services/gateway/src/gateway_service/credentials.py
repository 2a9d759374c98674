"""The credential that a request brings."""

from __future__ import annotations

from dangol_service_kit.errors import Code, RpcFailure
from starlette.requests import HTTPConnection


def authorization_of(request: HTTPConnection) -> str | None:
    """The authorization header. Raises RpcFailure TOKEN_INVALID for several.

    Of two, somebody on the way may have looked at the other one.
    """
    found = request.headers.getlist("authorization")
    if len(found) > 1:
        raise RpcFailure(Code.TOKEN_INVALID, "send one authorization header")
    return found[0] if found else None
