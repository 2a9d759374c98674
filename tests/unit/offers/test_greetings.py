"""Which greeting fits, in which language; and what may be written."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from offers_service.greetings import (
    READY,
    Greeting,
    Greetings,
    GreetingsOutcome,
    Guest,
    change,
    greet,
    violations,
)

SEOUL = ZoneInfo("Asia/Seoul")
NOON = datetime(2026, 5, 17, 12, 0, tzinfo=SEOUL)
MINA = Guest(("ko", "en"), name="미나", born=date(1990, 5, 18))


def _greeting(greeting_id: str, text: str = "Hello.", **conditions: object) -> Greeting:
    return Greeting(greeting_id, (("en", text),), **conditions)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("guest", "local", "expected"),
    [
        (MINA, NOON, "미나 님, 반가워요."),
        (MINA, NOON.replace(hour=8), "미나 님, 좋은 아침이에요."),
        (MINA, NOON.replace(hour=23, minute=59), "미나 님, 편안한 저녁 보내세요."),
        (MINA, NOON.replace(day=18), "미나 님, 생일을 진심으로 축하드려요!"),
        (Guest(("en",), name="Mina"), NOON, "Welcome back, Mina."),
        (Guest(("ko",)), NOON.replace(hour=8), "어서 오세요."),
        (
            Guest(("en", "ko"), name="Mina", tier="gold", tier_names={"ko": "골드", "en": "Gold"}),
            NOON,
            "Good to see you again, Mina, our Gold member.",
        ),
    ],
)
def test_a_shop_without_greetings_of_its_own_greets_all_the_same(
    guest: Guest, local: datetime, expected: str
) -> None:
    """By name, birthday, tier and time of day; who has no name is not called by a word for one."""
    assert expected == greet((), guest, local).text


def test_the_first_that_fits_is_taken() -> None:
    """All that a greeting says has to hold."""
    own = (
        _greeting("vip", "For VIPs.", segments=("vip",)),
        _greeting("gold", "For gold.", tiers=("gold", "black")),
        _greeting("night", "For the night.", from_minute=1320, until_minute=300),
        _greeting("all", "For all."),
    )
    gold = Guest(("en",), tier="gold")
    vip = Guest(("en",), tier="gold", segments=frozenset({"vip"}))
    assert "vip" == greet(own, vip, NOON).greeting_id
    assert "gold" == greet(own, gold, NOON).greeting_id
    assert "all" == greet(own, Guest(("en",)), NOON).greeting_id
    hours = {hour: greet(own, Guest(("en",)), NOON.replace(hour=hour)).text for hour in range(24)}
    night = [hour for hour, text in hours.items() if text == "For the night."]
    assert [0, 1, 2, 3, 4, 22, 23] == night


def test_a_text_that_needs_what_is_not_known_is_passed_over() -> None:
    """Nobody is greeted as a gap."""
    own = (_greeting("tier", "Dear {{ tier_name }} customer."), _greeting("all", "Hello."))
    assert "all" == greet(own, Guest(("en",)), NOON).greeting_id


def test_the_best_language_that_a_greeting_has_is_taken() -> None:
    """The customer's, else the tenant's, else the first there is."""
    both = Greeting("both", (("en", "Hello."), ("ko", "안녕하세요.")))
    assert "ko" == greet((both,), Guest(("ja", "ko")), NOON).language
    assert "en" == greet((both,), Guest(("ja",)), NOON).language


def test_a_birthday_on_a_leap_day_is_kept_every_year() -> None:
    """On the 28th where there is no 29th."""
    born = Guest(("en",), name="Leap", born=date(2000, 2, 29))
    days = [date(2025, 2, 28), date(2028, 2, 28), date(2028, 2, 29), date(2025, 3, 1)]
    found = [
        greet((), born, datetime(day.year, day.month, day.day, 12, tzinfo=SEOUL)).greeting_id
        for day in days
    ]
    assert ["ready:birthday", "ready:member", "ready:birthday", "ready:member"] == found


def test_the_ready_greetings_can_be_read() -> None:
    """By the same rules as a tenant's own; the last one fits everybody."""
    assert [] == violations(READY)
    assert "ready:guest" == greet((), Guest(()), NOON).greeting_id


def test_what_cannot_be_read_is_named() -> None:
    """With its place."""
    wrong = (
        _greeting("one", "{{ age }}"),
        _greeting("one", "{% if %}"),
    )
    fields = [field for field, _ in violations(wrong)]
    assert [
        'greetings[0].texts["en"]',
        'greetings[1].texts["en"]',
        "greetings[1].greeting_id",
    ] == fields


def test_a_change_is_made_once_under_the_version_that_was_read() -> None:
    """A repeat finds it made; the same id with other greetings is refused."""
    hello = (_greeting("hello"),)
    outcome, stored = change(Greetings(), "r1", hello, 0)
    assert (GreetingsOutcome.APPLIED, 1, hello) == (outcome, stored.version, stored.greetings)
    assert (GreetingsOutcome.APPLIED, stored) == change(stored, "r1", hello, 0)
    assert (GreetingsOutcome.REQUEST_CONFLICT, stored) == change(stored, "r1", (), 0)
    assert (GreetingsOutcome.VERSION_CONFLICT, stored) == change(stored, "r2", (), 0)
