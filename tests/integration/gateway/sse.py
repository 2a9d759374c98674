"""Server-sent events as a client reads them."""

import json
from collections.abc import AsyncGenerator
from typing import Any

from dangol_service_kit.auth import Role

EVENTS = {"accept": "text/event-stream", "content-type": "application/json"}


class Event(dict[str, str]):
    """One event, by the names of its lines."""

    @property
    def answer(self) -> Any:
        """The execution result."""
        return json.loads(self["data"])


async def events_of(
    frontend: Any, query: str, *, token: str = "", after: str = "", **variables: Any
) -> AsyncGenerator[Event, None]:
    """Events as they come, without comments and the time to wait before trying again."""
    headers = {**EVENTS, "authorization": f"Bearer {token or frontend.token(Role.MARKETER)}"}
    if after:
        headers["last-event-id"] = after
    body = json.dumps({"query": query, "variables": variables})
    async with frontend.http.stream(
        "POST", "/graphql", content=body, headers=headers, timeout=120
    ) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        event = Event()
        async for line in response.aiter_lines():
            if not line and event.get("event"):
                yield event
                event = Event()
            name, _, value = line.partition(": ")
            event |= {name.removesuffix(":"): value} if line and not line.startswith(":") else {}
