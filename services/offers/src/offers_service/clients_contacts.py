"""Asking profile where customers are reached, for messages that are about to leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dangol.profile.v1 import contact_service_pb2 as pb
from dangol_service_kit.client import call

from offers_service.messages import Message
from offers_service.sending import CONSENT

if TYPE_CHECKING:
    from dangol.profile.v1.contact_service_pb2_grpc import ContactServiceAsyncStub

_TIMEOUT_SECONDS = 5.0


class ProfileContacts:
    """Read with this service's own token, and kept nowhere."""

    def __init__(self, stub: ContactServiceAsyncStub, token: Callable[[str], str]) -> None:
        self._stub = stub
        self._token = token

    async def reveal(
        self, tenant_id: str, messages: Sequence[Message], recipient: str
    ) -> dict[str, tuple[str, ...]]:
        """Addresses by message id; empty where there are none or the customer does not allow it.

        recipient, who gets them, stands in profile's log. Raises RpcFailure UNAVAILABLE.
        """
        by_channel: dict[str, list[Message]] = defaultdict(list)
        for message in messages:
            by_channel[message.content.channel].append(message)
        found: dict[str, tuple[str, ...]] = {}
        for channel, theirs in by_channel.items():
            wanted = [
                pb.ContactWanted(
                    customer_id=one.content.customer,
                    message_id=one.message_id,
                    purpose=CONSENT if one.advertising else "",
                )
                for one in theirs
            ]
            request = pb.RevealContactsRequest(channel=channel, wanted=wanted, recipient=recipient)
            response = await call(
                self._stub.RevealContacts,
                request,
                token=self._token(tenant_id),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
            for one, contact in zip(theirs, response.contacts, strict=True):
                found[one.message_id] = tuple(contact.addresses)
        return found
