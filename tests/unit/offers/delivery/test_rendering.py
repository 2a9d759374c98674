"""What a customer gets to read, and what the law wants on advertising."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offers_service import rendering
from offers_service.message_settings import Sender
from offers_service.messages import Reason
from offers_service.rendering import Reader, Refusal, Rendered, Shop
from offers_service.templates import Template, Text, Value, ValueType

SEOUL, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")
OPT_OUTS = {
    "sms": "080-123-4567",
    "email": "https://shop.test/out",
    "push": "앱 설정 > 알림",
    "kakao": "채널 차단",
}
SENDER = Sender("단골샵", "02-123-4567", "hello@shop.test", "서울시 강남구 1", OPT_OUTS)
SHOP = Shop("ko", "KRW", "Asia/Seoul", SENDER)
CHANNELS = ("sms", "email", "push", "kakao")
TEXTS = tuple(
    Text(
        channel,
        language,
        f"{words} {{{{ customer_name }}}}",
        "Sale" if channel == "email" else "",
        "<html><body><p>{{ customer_name }}</p></body></html>" if channel == "email" else "",
        long=channel == "sms",
    )
    for channel in CHANNELS
    for language, words in (("ko", "오늘만"), ("en", "Today only,"))
)
SALE = Template("sale", "test", (), TEXTS)


def render(
    channel: str,
    language: str = "ko",
    name: str = "김민지",
    *,
    template: Template = SALE,
    shop: Shop = SHOP,
    zone: ZoneInfo = SEOUL,
    advertising: bool = True,
    **values: str,
) -> Rendered | Refusal:
    """For a customer of that language and name."""
    reader = Reader(language, zone, name)
    return rendering.render(template, channel, values, shop, reader, advertising=advertising)


def rendered(
    channel: str, language: str = "ko", name: str = "김민지", **changed: object
) -> Rendered:
    """The same where it can be rendered."""
    found = render(channel, language, name, **changed)  # type: ignore[arg-type]
    assert isinstance(found, Rendered)
    return found


def test_an_sms_says_who_advertises_and_which_number_is_free() -> None:
    """The whole text, byte for byte, as an SMS that still fits 90 bytes."""
    found = rendered("sms")
    text = "(광고)단골샵\n오늘만 김민지\n문의 02-123-4567\n무료수신거부 080-123-4567"
    assert text == found.text
    assert ("SMS", len(text.encode("euc-kr")), 90) == (
        found.size.format,
        found.size.length,
        found.size.length_max,
    )


def test_an_email_is_labelled_in_its_subject_and_opts_out_in_two_languages() -> None:
    """Also in its HTML, within the body."""
    found = rendered("email")
    assert "(광고) Sale" == found.subject
    for words in ("단골샵", "서울시 강남구 1", "02-123-4567", "hello@shop.test"):
        assert words in found.text
        assert words in found.html
    for words in ("무료로 수신거부", "free of charge"):
        assert words in found.text
        assert words in found.html
    assert found.html.endswith("</div></body></html>")
    assert '<a href="https://shop.test/out">' in found.html


@given(
    channel=st.sampled_from(CHANNELS),
    language=st.sampled_from(["ko", "en", "fr", ""]),
    name=st.text(max_size=40),
    zone=st.sampled_from([SEOUL, NEW_YORK]),
)
@settings(max_examples=300, deadline=None)
def test_no_advertising_without_label_sender_and_opt_out(
    channel: str, language: str, name: str, zone: ZoneInfo
) -> None:
    """Whatever the channel, the language and the customer's name."""
    found = rendered(channel, language, name, zone=zone)
    begins = found.subject if channel == "email" else found.text
    assert begins.startswith("(광고)")
    assert SENDER.name in found.text
    assert SENDER.phone in found.text
    assert OPT_OUTS[channel] in found.text
    plain = rendered(channel, language, name, zone=zone, advertising=False)
    assert not (plain.subject or plain.text).startswith("(광고)")
    assert OPT_OUTS[channel] not in plain.text + plain.html


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_the_sender_left_open_is_named_and_nothing_leaves(channel: str) -> None:
    """Each thing that the law asks for, by its field; what is owed may leave without."""
    shop = Shop("ko", "KRW", "Asia/Seoul", Sender("단골샵"))
    found = render(channel, shop=shop)
    assert isinstance(found, Refusal)
    more = ["settings.sender_email", "settings.sender_address"] if channel == "email" else []
    expected = ["settings.sender_phone", *more, f'settings.opt_outs["{channel}"]']
    assert (Reason.SENDER_NOT_SET, expected) == (
        found.reason,
        [field for field, _ in found.problems],
    )
    assert rendered(channel, shop=shop, advertising=False)


def test_abroad_the_label_is_english_but_a_customer_in_korea_gets_the_korean_one() -> None:
    """It goes by where the customer is."""
    shop = Shop("en", "USD", "America/New_York", SENDER)
    abroad = rendered("kakao", "en", shop=shop, zone=NEW_YORK)
    assert abroad.text.startswith("(Ad) ")
    assert rendered("kakao", "en", shop=shop, zone=SEOUL).text.startswith("(광고) ")


def test_the_customer_s_language_then_the_shop_s_then_any() -> None:
    """en-GB is English; who reads neither gets the shop's."""
    for language, found in (("en-GB", "en"), ("fr", "ko"), ("", "ko"), ("KO", "ko")):
        assert found == rendered("kakao", language).language
    only = Template("one", "test", (), (Text("push", "ja", "はい"),))
    assert "ja" == rendered("push", "en", template=only).language


def test_a_name_cannot_break_out_of_its_place() -> None:
    """Tags are escaped, a subject stays one line, a name without end gives way to a word."""
    email = rendered("email", name="<script>alert(1)</script>")
    assert "<script" not in email.html
    subject = Template("s", "test", (), (Text("email", "ko", "x", "안녕 {{ customer_name }}"),))
    injected = rendered("email", name="a\r\nBcc: b@c.test", template=subject)
    assert "(광고) 안녕 a Bcc: b@c.test" == injected.subject
    short = Template("s", "test", (), (Text("sms", "ko", "{{ customer_name }}님 세일"),))
    long = rendered("sms", name="가" * 60, template=short)
    assert "고객님 세일" in long.text
    assert "고객님 세일" in rendered("sms", name="🎁", template=short).text


@pytest.mark.parametrize(
    ("kind", "plain", "korean", "english"),
    [
        (ValueType.MONEY, "12900", "12,900원", "KRW 12,900"),
        (ValueType.NUMBER, "1234567.5", "1,234,567.5", "1,234,567.5"),
        (ValueType.DATE, "2026-11-07", "2026년 11월 7일", "7 November 2026"),
        (ValueType.TIME, "2026-11-27T15:30:00Z", "11월 28일 00:30", "28 November 00:30"),
    ],
)
def test_values_are_written_as_their_reader_writes_them(
    kind: ValueType, plain: str, korean: str, english: str
) -> None:
    """Times by the customer's own clock."""
    assert korean == rendering.write(kind, plain, "ko", "KRW", SEOUL)
    assert english == rendering.write(kind, plain, "en", "KRW", SEOUL)
    assert "USD 129.00" == rendering.write(ValueType.MONEY, "12900", "en", "USD", SEOUL)


def test_what_is_too_long_in_any_language_is_refused_before() -> None:
    """By the label, the sender and the opt-out together with the text."""
    values = (Value("a", ValueType.TEXT),)
    made = Template("t", "test", values, (Text("sms", "ko", "{{ a }}"),))
    fits = "가" * 17
    assert rendering.check(made, "sms", {"a": fits}, SHOP, advertising=True) is None
    refusal = rendering.check(made, "sms", {"a": fits + "가"}, SHOP, advertising=True)
    assert refusal is not None
    assert Reason.TOO_LONG == refusal.reason
    assert rendering.check(made, "sms", {"a": "가" * 45}, SHOP, advertising=False) is None
    emoji = rendering.check(made, "sms", {"a": "🎁"}, SHOP, advertising=False)
    assert emoji is not None
    assert ["values.a"] == [field for field, _ in emoji.problems]
