"""Explanations in words: every kind of part, holding or not, in Korean and English."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules.types import KNOWN_EVENTS
from segmentation_service.explain import Answer, Explained, explain_in_words, part_of
from segmentation_service.explain_words_names import EVENTS
from segmentation_service.explain_words_parts import Voice, kind_of

from tests.unit.segmentation.customer import DAY, HOUR, MINUTE, T0, Customer, value_of
from tests.unit.segmentation.test_explain_flips import parts

SEOUL = ZoneInfo("Asia/Seoul")
KOREAN = Voice("ko", SEOUL, "KRW", 0)
ENGLISH = Voice("en", SEOUL, "KRW", 0)

# A condition that holds for the customer below, and one of the same kind that does not.
KINDS = [
    ("count(purchase, 90d) >= 3", "count(purchase, 90d) = 0"),
    ("count(purchase) >= 1", "count(login) > 7"),
    ("count(own_thing, from 5h to 1h) = 1", "count(own_thing, from 5h to 4h) >= 1"),
    ("distinct(visit.session_id, 90d) >= 2", "distinct(visit.session_id, 90d) >= 9"),
    ("distinct(purchase.properties.p) != 1", "distinct(purchase.item.category) < 1"),
    ("sum(purchase.amount, 365d) >= 1000000", "sum(purchase.amount) <= 10"),
    ("avg(review.rating) >= 1.5", "avg(survey.rating) >= 1"),
    ("min(purchase.item.quantity, 30d) = 2", "max(purchase.properties.p, 30d) != 1"),
    ("count(visit, 30d) > count(login, 30d)", "count(visit, 30d) < count(visit, from 60d to 30d)"),
    (
        "sum(purchase.amount, 2d) >= sum(purchase.amount, 1d)",
        "avg(survey.rating, 2d) = avg(survey.rating, 1d)",
    ),
    ("since(purchase) < 90m", "since(login) >= 365d"),
    ("since(first(purchase)) >= 1m", "since(first(purchase)) >= 2h"),
    ("last(cart_add) > last(purchase)", "first(cart_add) = last(login)"),
    (
        "unanswered(cart_add, login by cart_id, 1m, 3h)",
        "unanswered(visit, login by order_id, 1m, 3h)",
    ),
    ('profile.tier = "gold"', 'profile.region != "seoul"'),
    ('profile.tier in ("gold", "vip")', 'field("size") in ("x")'),
    ("profile.member", "profile.member = false"),
    ('field("size") >= 42', 'field("club") = false'),
    ('field("club")', 'field("size")'),
    ('"running" in profile.tags', '"golf" in profile.tags'),
    ("consent.email", "consent.marketing_night.sms"),
    ("consent.own_purpose.own_way", "consent.profiling.kakao"),
    ("birthday within 7d", "birthday within 0d"),
    ("anniversary within 180d", "anniversary within 0d"),
    ("not count(login) >= 1", "not count(purchase) >= 1"),
    ("count(login) = 0 and consent.email", "count(login) = 0 and consent.sms"),
    ("consent.sms or consent.email", 'consent.sms or profile.tier = "vip"'),
    (
        'count(purchase where amount >= 1000 and not (channel = "app" or properties.p), 1d) >= 3',
        'count(purchase where any (item.category in ("hats") or item.amount > 5)) = 1',
    ),
]
CASES = [(rule, holds) for pair in KINDS for rule, holds in zip(pair, (True, False), strict=True)]
LEFTOVERS = re.compile(r"None|Fraction|tree\.|Decimal|\{|\}|<|>|  |\(\)|\[|datetime|_ms|nan")


def customer(*rules: str) -> Customer:
    """Three purchases, visits and carts a minute apart; everything else is known of her."""
    profile = ProfileSnapshot(
        tier="gold",
        member=True,
        tags=["running"],
        birthday="11-20",
        fields={"size": value_of("#42.5"), "club": value_of(True)},
        consents=["marketing.email", "own_purpose.own_way"],
    )
    profile.create_time.FromMilliseconds(T0 - 200 * DAY)
    one = Customer(*rules, profile=profile)
    one.take()
    for number in (1, 2, 3):
        at_ms = number * MINUTE
        items = [("p", "shoes", 2, 500_000)]
        one.does("purchase", at_ms, amount=500_000, items=items)
        one.does("visit", at_ms + 1, session_id=f"s{number}")
        one.does("cart_add", at_ms + 2, cart_id=f"c{number}")
        one.does("review", at_ms + 3, rating=number)
    one.does("own_thing", 4 * MINUTE)
    return one


def told(rule: str, voice: Voice, after_ms: int = 65 * MINUTE) -> Answer:
    """The rule explained an hour later."""
    one = customer(rule)
    one.waits(after_ms)
    return explain_in_words(one.ruleset, one.state, "a", T0 + after_ms, voice)


def all_words(why: Explained) -> list[str]:
    """The words of a part and of everything below it."""
    return [why.words, *(words for child in why.children for words in all_words(child))]


@pytest.mark.parametrize(("rule", "holds"), CASES)
@pytest.mark.parametrize("voice", [KOREAN, ENGLISH], ids=["ko", "en"])
def test_every_kind_of_part_is_said_in_whole_sentences(
    rule: str, holds: bool, voice: Voice
) -> None:
    """Nothing of the machinery is left in the words, and the truth is said."""
    answer = told(rule, voice)
    assert holds == answer.why.holds
    for words in [*all_words(answer.why), answer.summary]:
        assert None is LEFTOVERS.search(words), words
        assert words.endswith("."), words
        assert words.count("(") == words.count(")")
        assert voice is KOREAN or words[0].isupper() or not words[0].isalpha()
    truth = (" holds", "충족하고") if holds else (" does not hold", "충족하지")
    assert truth[voice is KOREAN] in answer.why.words


def test_both_truths_of_every_kind_are_tried() -> None:
    """So no way of saying something is left out above."""
    tried = {(kind_of(part.rule), part.holds) for rule, _ in CASES for part in all_parts(rule)}
    kinds = {kind for kind, _ in tried}
    assert {(kind, holds) for kind in kinds for holds in (True, False)} == tried
    wanted = {"all_of", "any_of", "negation", "tag", "unanswered", "birthday", "anniversary"}
    wanted |= {"consent", "member", "flag", "attribute", "since", "instants", "measure", "measures"}
    assert wanted == kinds


def all_parts(rule: str) -> list[Any]:
    """The parts of a rule as they stand for the customer."""
    one = customer(rule)
    whole = part_of(one.ruleset, one.state, "a", T0 + 65 * MINUTE)
    return list(parts(whole))


def test_every_built_in_event_has_a_name() -> None:
    """In both languages."""
    assert set(EVENTS) == KNOWN_EVENTS


GOLDEN_ENGLISH = [
    (
        "count(login, 90d) = 0",
        "0 logins in the last 90 days (needs exactly 0): holds, and time alone will not change"
        " that; the next one ends it.",
    ),
    (
        "count(purchase, 90d) >= 5",
        "3 purchases in the last 90 days (needs at least 5): does not hold, and time alone will"
        " not change that; 2 more would do.",
    ),
    (
        "sum(purchase.amount, 365d) >= 1000000",
        "Total amount of purchases in the last 365 days: ₩1,500,000 (needs at least ₩1,000,000):"
        " holds until 14 November 2024, 07:15:20 if nothing else happens.",
    ),
    (
        "since(purchase) >= 1d",
        "Last purchase on 15 November 2023, 07:16:20, 1 hour 2 minutes ago (needs at least 1 day"
        " ago): does not hold; from 16 November 2023, 07:16:20 on it will if nothing else happens.",
    ),
    (
        "since(login) >= 365d",
        "No login yet (needs at least 365 days ago): does not hold, and time alone will not change"
        " that.",
    ),
    (
        "consent.email",
        "Consent to marketing by email (needs consent): holds, and time alone will not change"
        " that.",
    ),
    (
        "count(review where rating <= 2, 90d) >= 1",
        "At least 2 reviews where rating at most 2 in the last 90 days (needs at least 1): holds"
        " until 13 February 2024, 07:15:20 if nothing else happens.",
    ),
]
GOLDEN_KOREAN = [
    (
        "count(login, 90d) = 0",
        "최근 90일 동안 로그인 0회 (조건: 정확히 0회). 충족하고 있으며, 시간이 지나도 바뀌지"
        " 않습니다. 한 번 더 발생하면 더 이상 충족되지 않습니다.",
    ),
    (
        "count(purchase, 90d) >= 5",
        "최근 90일 동안 구매 3회 (조건: 5회 이상). 충족하지 않으며, 시간이 지나는 것만으로는 바뀌지"
        " 않습니다. 2회 더 있으면 충족됩니다.",
    ),
    (
        "sum(purchase.amount, 365d) >= 1000000",
        "최근 365일 동안 구매 금액 합계 1,500,000원 (조건: 1,000,000원 이상). 충족하고 있으며, 다른"
        " 일이 없으면 2024년 11월 14일 07:15:20까지 유지됩니다.",
    ),
    (
        "since(purchase) >= 1d",
        "마지막 구매 2023년 11월 15일 07:16:20, 1시간 2분 경과 (조건: 1일 이상 경과). 아직 충족하지"
        " 않지만, 다른 일이 없으면 2023년 11월 16일 07:16:20부터 충족됩니다.",
    ),
    (
        "unanswered(cart_add, purchase by cart_id, 30m, 7d)",
        "장바구니 담기 후 같은 장바구니의 구매 없음 3건: 장바구니 c1, 2023년 11월 15일 07:14:20"
        " 발생, 2023년 11월 22일 07:14:20까지 유효; 장바구니 c2, 2023년 11월 15일 07:15:20 발생,"
        " 2023년 11월 22일 07:15:20까지 유효; 장바구니 c3, 2023년 11월 15일 07:16:20 발생,"
        " 2023년 11월 22일 07:16:20까지 유효 (조건: 30분 이상 7일 미만 경과한 건이 있음). 충족하고"
        " 있으며, 다른 일이 없으면 2023년 11월 22일 07:16:20까지 유지됩니다.",
    ),
    (
        "birthday within 7d",
        "생일 2023년 11월 20일 (조건: 오늘부터 7일 이내). 충족하고 있으며, 다른 일이 없으면"
        " 2023년 11월 21일 00:00까지 유지됩니다.",
    ),
]


@pytest.mark.parametrize(("rule", "words"), GOLDEN_ENGLISH)
def test_english_reads_like_this(rule: str, words: str) -> None:
    """Examples as a person in a shop reads them."""
    assert words == told(rule, ENGLISH).why.words


@pytest.mark.parametrize(("rule", "words"), GOLDEN_KOREAN)
def test_korean_reads_like_this(rule: str, words: str) -> None:
    """The same in Korean, politely."""
    assert words == told(rule, KOREAN).why.words


def test_the_summary_says_in_or_out_since_when_why_and_until_when() -> None:
    """Only the conditions that decide are named; what stands under a not is excluded."""
    rule = "count(purchase, 90d) >= 1 and not count(return, 90d) >= 1 or consent.sms"
    english = (
        "In the segment since 15 November 2023, 07:14:20, because: at least 2 purchases in the last"
        " 90 days (needs at least 1); 0 returns in the last 90 days (excludes: at least 1)."
        " Leaves on 13 February 2024, 07:16:20 if nothing else happens."
    )
    korean = (
        "2023년 11월 15일 07:14:20부터 세그먼트에 속해 있습니다. 이유: 최근 90일 동안 구매 2회 이상"
        " (조건: 1회 이상); 최근 90일 동안 반품 0회 (제외 조건: 1회 이상). 다른 일이 없으면"
        " 2024년 2월 13일 07:16:20에 벗어납니다."
    )
    assert english == told(rule, ENGLISH).summary
    assert korean == told(rule, KOREAN).summary
    assert (
        "Not in the segment, because: last purchase on 15 November 2023, 07:16:20, 1 hour 2 minutes"
        " ago (needs at least 1 day ago). Enters on 16 November 2023, 07:16:20 if nothing else"
        " happens."
    ) == told("since(purchase) >= 1d and count(purchase) >= 1", ENGLISH).summary
    assert (
        "세그먼트에 속해 있지 않습니다. 이유: 문자 마케팅 수신 동의하지 않음 (조건: 동의). 시간이"
        " 지나는 것만으로는 바뀌지 않습니다."
    ) == told("consent.sms", KOREAN).summary


def test_a_summary_names_three_reasons_and_counts_the_rest() -> None:
    """Long rules stay readable."""
    rule = " or ".join(f"count(login, {days}d) >= 2" for days in range(1, 6))
    assert "; and 2 more. " in told(rule, ENGLISH).summary
    assert " 외 2건. " in told(rule, KOREAN).summary


MONEY = [
    ("ko", "KRW", 0, "100원"),
    ("ko", "USD", 2, "1.00달러"),
    ("ko", "CHF", 2, "1.00 CHF"),
    ("en", "KRW", 0, "₩100"),
    ("en", "USD", 2, "$1.00"),
    ("en", "BHD", 3, "BHD 0.100"),
]


@pytest.mark.parametrize(("language", "currency_code", "exponent", "amount"), MONEY)
def test_amounts_are_in_the_currencys_own_form(
    language: str, currency_code: str, exponent: int, amount: str
) -> None:
    """With as many decimals as the currency has."""
    one = Customer("sum(purchase.amount) >= 1", exponent=exponent)
    one.does("purchase", 0, amount=100)
    voice = Voice(language, SEOUL, currency_code, exponent)
    answer = explain_in_words(one.ruleset, one.state, "a", T0, voice)
    assert amount in answer.why.words


def test_what_is_not_exact_is_said_to_be_about_so_much() -> None:
    """A third of a won does not exist."""
    one = Customer("avg(purchase.amount) >= 33.4", 'in segment("a")')
    for at_ms, amount in ((0, 33), (1, 33), (2, 34)):
        one.does("purchase", at_ms, amount=amount)
    words = explain_in_words(one.ruleset, one.state, "a", T0 + HOUR, ENGLISH).why.words
    assert words.startswith("Average amount of purchases so far: about ₩33 (needs at least ₩33.4)")
    korean = explain_in_words(one.ruleset, one.state, "b", T0 + HOUR, KOREAN).why
    assert korean.words.startswith('세그먼트 "a"에 속하지 않음 (조건: 속함). 충족하지 않으며')
    assert "평균 약 33원 (조건: 33.4원 이상)" in korean.children[0].words


def test_times_are_on_the_tenants_clock() -> None:
    """The same instant in two zones."""
    one = Customer("since(purchase) < 1d", time_zone="America/New_York")
    one.does("purchase", 0)
    zone = ZoneInfo("America/New_York")
    for voice, when in (
        (Voice("en", zone, "USD", 2), "14 November 2023, 17:13:20"),
        (Voice("ko-KR", zone, "USD", 2), "2023년 11월 14일 17:13:20"),
    ):
        assert when in explain_in_words(one.ruleset, one.state, "a", T0 + HOUR, voice).why.words


def test_a_language_that_nobody_speaks_yet_is_told_in_english() -> None:
    """Rather than not at all."""
    french = told("consent.email", Voice("fr", SEOUL, "EUR", 2))
    assert told("consent.email", ENGLISH).summary == french.summary


def test_a_key_of_which_only_a_hash_is_kept_is_not_named() -> None:
    """Long keys are kept short; their times are told all the same."""
    one = Customer("unanswered(cart_add, purchase by cart_id, 30m, 7d)")
    one.does("cart_add", 0, cart_id="a-cart-with-a-long-identifier")
    why = explain_in_words(one.ruleset, one.state, "a", T0 + HOUR, ENGLISH).why
    assert "1 open: until 2023-11-21T22:13:20.000Z" == why.value
    assert "same cart since: since 15 November 2023, 07:13:20, open until" in why.words
