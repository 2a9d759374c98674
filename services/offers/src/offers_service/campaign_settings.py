"""What holds for all campaigns of a tenant: the global holdout and the frequency cap. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from offers_service.contacts import FrequencyCap

REQUESTS_MAX = 50


class SettingsOutcome(StrEnum):
    APPLIED = "APPLIED"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    REQUEST_CONFLICT = "REQUEST_CONFLICT"


@dataclass(frozen=True, slots=True)
class Values:
    """The part that a tenant sets. contacts_max 0: no cap."""

    holdout_basis_points: int = 0
    contacts_max: int = 0
    contact_window_ms: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """holdout_since_ms: since when the present share holds. requests: (id, values) of the last
    changes."""

    values: Values = Values()
    version: int = 0
    holdout_since_ms: int = 0
    requests: tuple[tuple[str, Values], ...] = ()

    @property
    def cap(self) -> FrequencyCap:
        """The tenant's frequency cap."""
        return FrequencyCap(self.values.contacts_max, self.values.contact_window_ms)


@dataclass(frozen=True, slots=True)
class Change:
    """version is the one that was read."""

    request_id: str
    values: Values
    version: int
    now_ms: int


def violations(values: Values) -> list[tuple[str, str]]:
    """(field, what to do) for values that make no sense together."""
    if bool(values.contacts_max) != bool(values.contact_window_ms):
        text = "give both contacts_max and contact_window_seconds, or neither"
        return [("settings.contacts_max", text)]
    return []


def change(settings: Settings, wanted: Change) -> tuple[SettingsOutcome, Settings]:
    """The settings after the change; a repeated request finds its change already made."""
    for request_id, values in settings.requests:
        if request_id == wanted.request_id:
            same = values == wanted.values
            return SettingsOutcome.APPLIED if same else SettingsOutcome.REQUEST_CONFLICT, settings
    if wanted.version != settings.version:
        return SettingsOutcome.VERSION_CONFLICT, settings
    share = wanted.values.holdout_basis_points
    moved = share != settings.values.holdout_basis_points
    return SettingsOutcome.APPLIED, replace(
        settings,
        values=wanted.values,
        version=settings.version + 1,
        holdout_since_ms=wanted.now_ms if moved else settings.holdout_since_ms,
        requests=(*settings.requests, (wanted.request_id, wanted.values))[-REQUESTS_MAX:],
    )
