"""A receiver of webhooks: an HTTP server in a process of its own, which verifies by the library
that Standard Webhooks publishes. `python -m tests.integration.offers.delivery.receiver PORT`.

POST /messages answers as it was told; PUT /told {"status", "hold", "secret"} tells it; GET /log
answers what came. hold: the answer waits until it is told otherwise.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


class Told:
    """What the server is to do, and what came to it."""

    def __init__(self) -> None:
        self.status = 200
        self.secret = ""
        self.free = threading.Event()
        self.free.set()
        self.log: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    """One request."""

    told: Told

    def do_POST(self) -> None:
        """A webhook."""
        body = self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            Webhook(self.told.secret).verify(body, headers)
            verified = True
        except (WebhookVerificationError, ValueError, IndexError, RuntimeError):
            verified = False
        self.told.log.append(
            {
                "path": self.path,
                "verified": verified,
                "id": headers.get("webhook-id"),
                "signatures": len(headers.get("webhook-signature", "").split()),
                "body": json.loads(body),
            }
        )
        self.told.free.wait()
        status = self.told.status if verified else 401
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("location", "/elsewhere")
        self._end(b"{}")

    def do_PUT(self) -> None:
        """How to answer from now on."""
        asked = json.loads(self._body())
        self.told.status = asked.get("status", self.told.status)
        self.told.secret = asked.get("secret", self.told.secret)
        (self.told.free.clear if asked.get("hold") else self.told.free.set)()
        self.send_response(200)
        self._end(b"{}")

    def do_GET(self) -> None:
        """The log."""
        self.send_response(200)
        self._end(json.dumps(self.told.log).encode())

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["content-length"]))

    def _end(self, body: bytes) -> None:
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing on standard error."""


def main() -> None:
    """Serves until the process ends."""
    Handler.told = Told()
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()


if __name__ == "__main__":
    main()
