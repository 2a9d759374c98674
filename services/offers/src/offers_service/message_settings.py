"""What holds for all messages of a tenant. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from offers_service import channels
from offers_service.reach import WINDOW_MAX_MS, Cap

Violation = tuple[str, str]
REQUESTS_MAX = 50
_FREE_NUMBER = re.compile(r"080[- ]?[0-9]{3,4}[- ]?[0-9]{4}")
_PAGE = re.compile(r"https://[^\s\"'<>]+")


class MessagingSettingsOutcome(StrEnum):
    APPLIED = "APPLIED"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    REQUEST_CONFLICT = "REQUEST_CONFLICT"


class Sender(msgspec.Struct, frozen=True, omit_defaults=True):
    """What advertising says of its sender; opt_outs by channel."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    opt_outs: dict[str, str] = {}

    def missing(self, channel: str) -> list[Violation]:
        """(field, what to do) for what advertising on the channel still needs."""
        needed = {"sender_name": self.name, "sender_phone": self.phone}
        if channel == channels.EMAIL:
            needed |= {"sender_email": self.email, "sender_address": self.address}
        needed[f'opt_outs["{channel}"]'] = self.opt_outs.get(channel, "")
        return [
            (f"settings.{field}", f"advertising by {channel} has to say it: set it first")
            for field, value in needed.items()
            if not value
        ]


class Values(msgspec.Struct, frozen=True, omit_defaults=True):
    """The part that a tenant sets."""

    sender: Sender = Sender()
    caps: tuple[Cap, ...] = ()


class MessagingSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """requests: (id, values) of the last changes."""

    values: Values = Values()
    version: int = 0
    requests: tuple[tuple[str, Values], ...] = ()


def violations(values: Values, *, korean: bool) -> list[Violation]:
    """(field, what to do). Opting out has to be free (article 50, paragraph 6): in Korea numbers
    that begin with 080 are paid by who is called."""
    found = []
    sms = values.sender.opt_outs.get(channels.SMS, "")
    if korean and sms and not _FREE_NUMBER.fullmatch(sms):
        found.append(('settings.opt_outs["sms"]', "give a number that is free: 080-123-4567"))
    email = values.sender.opt_outs.get(channels.EMAIL, "")
    if email and not _PAGE.fullmatch(email):
        found.append(('settings.opt_outs["email"]', "give a page: https://..."))
    for index, cap in enumerate(values.caps):
        if cap.window_ms > WINDOW_MAX_MS:
            found.append((f"settings.caps[{index}].window_seconds", "use at most 31 days"))
    return found


def change(
    settings: MessagingSettings, request_id: str, values: Values, version: int
) -> tuple[MessagingSettingsOutcome, MessagingSettings]:
    """The settings after the change; a repeated request finds its change already made."""
    for known, before in settings.requests:
        if known == request_id:
            same = before == values
            outcome = MessagingSettingsOutcome
            return outcome.APPLIED if same else outcome.REQUEST_CONFLICT, settings
    if version != settings.version:
        return MessagingSettingsOutcome.VERSION_CONFLICT, settings
    requests = (*settings.requests, (request_id, values))[-REQUESTS_MAX:]
    return MessagingSettingsOutcome.APPLIED, MessagingSettings(
        values, settings.version + 1, requests
    )
