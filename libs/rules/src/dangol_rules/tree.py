"""The typed tree of a rule. Frozen structs; durations are milliseconds, numbers are decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

Comparator = Literal["=", "!=", "<", "<=", ">", ">="]
Function = Literal["sum", "avg", "min", "max"]


class _Node(msgspec.Struct, frozen=True, tag_field="node", tag=str.lower):
    """A part of a rule. As JSON its field `node` names the kind, in lower case."""


class Number(_Node, frozen=True):
    """A decimal number; amounts are in major units of the tenant's currency."""

    value: Decimal


class Text(_Node, frozen=True):
    """Quoted text."""

    value: str


class Flag(_Node, frozen=True):
    """true or false."""

    value: bool


class Span(_Node, frozen=True):
    """A length of time."""

    duration_ms: int


Literal_ = Number | Text | Flag | Span


class Window(_Node, frozen=True):
    """Which events count: at time n those at t with t + newer_ms <= n < t + older_ms.

    `90d` is older_ms of 90 days and newer_ms 0; `from 450d to 360d` has both.
    """

    older_ms: int
    newer_ms: int = 0


class Property(_Node, frozen=True):
    """A property of the event (amount, rating, properties.x) or of an item (item.category)."""

    name: str


class Profile(_Node, frozen=True):
    """An attribute of the customer: tier, region, gender, age_band, language or member."""

    name: str


class Field(_Node, frozen=True):
    """A custom field of the customer."""

    name: str


class Consent(_Node, frozen=True):
    """What the customer allowed, as purpose.channel: marketing.email."""

    name: str


class Events(_Node, frozen=True):
    """Events of one type for which the predicate holds."""

    event: str
    where: Expression | None = None


class Count(_Node, frozen=True):
    """How many such events lie in the window."""

    events: Events
    window: Window | None = None


class Distinct(_Node, frozen=True):
    """How many different values the property takes on such events in the window."""

    events: Events
    property: str
    window: Window | None = None


class Aggregate(_Node, frozen=True):
    """The sum, average, least or greatest value of the property in the window."""

    function: Function
    events: Events
    property: str
    window: Window | None = None


class First(_Node, frozen=True):
    """The instant of the first such event."""

    events: Events


class Last(_Node, frozen=True):
    """The instant of the newest such event."""

    events: Events


class Since(_Node, frozen=True):
    """The time that has passed since an instant."""

    instant: First | Last


Measure = Count | Distinct | Aggregate
Term = Count | Distinct | Aggregate | First | Last | Since | Profile | Field | Property | Consent


class And(_Node, frozen=True):
    """All parts hold."""

    parts: tuple[Expression, ...]


class Or(_Node, frozen=True):
    """At least one part holds."""

    parts: tuple[Expression, ...]


class Not(_Node, frozen=True):
    """The part does not hold."""

    part: Expression


class Compare(_Node, frozen=True):
    """left comparator right; false where a value does not exist."""

    left: Term
    comparator: Comparator
    right: Term | Number | Text | Flag | Span


class OneOf(_Node, frozen=True):
    """The text is one of these."""

    term: Profile | Field | Property
    values: tuple[str, ...]


class Holds(_Node, frozen=True):
    """The flag exists and is true: `profile.member`, `consent.email`."""

    term: Profile | Field | Property | Consent


class HasTag(_Node, frozen=True):
    """The customer carries the tag."""

    tag: str


class AnyItem(_Node, frozen=True):
    """At least one item of the event satisfies the predicate."""

    predicate: Expression


class Unanswered(_Node, frozen=True):
    """Some `asked` event was followed by no `answer` with the same key.

    Holds from t + after_ms until t + until_ms, t being the newest asked event of that key.
    """

    asked: Events
    answer: Events
    key: str
    after_ms: int
    until_ms: int


class InSegment(_Node, frozen=True):
    """The customer is in the other segment."""

    segment_id: str


class BirthdayWithin(_Node, frozen=True):
    """The birthday is today or at most this many days ahead, by the tenant's calendar."""

    days: int


class AnniversaryWithin(_Node, frozen=True):
    """The day on which the customer became known comes round today or within so many days."""

    days: int


Expression = (
    And
    | Or
    | Not
    | Compare
    | OneOf
    | Holds
    | HasTag
    | AnyItem
    | Unanswered
    | InSegment
    | BirthdayWithin
    | AnniversaryWithin
)
Rule = Expression
