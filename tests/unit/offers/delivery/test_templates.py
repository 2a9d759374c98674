"""What templates may hold, and what is said of those that may not be saved."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offers_service import placeholders, rendering, templates
from offers_service.message_settings import Sender
from offers_service.rendering import Shop
from offers_service.templates import Template, Text, Value, ValueType

SHOP = Shop("ko", "KRW", "Asia/Seoul", Sender("단골샵", "02-123-4567"))


def template(*texts: Text, values: tuple[Value, ...] = ()) -> Template:
    """One with these texts."""
    return Template("hello", "test", values, texts)


def fields(*texts: Text, values: tuple[Value, ...] = ()) -> list[str]:
    """The fields that are found to be wrong."""
    return [field for field, _ in rendering.violations(template(*texts, values=values), SHOP)]


def push(text: str) -> Text:
    """A Korean text for push."""
    return Text("push", "ko", text)


@pytest.mark.parametrize(
    "source",
    [
        "{% if a %}b{% endif %}",
        "{% for x in a %}{{ x }}{% endfor %}",
        "{{ a.b }}",
        "{{ a['b'] }}",
        "{{ a() }}",
        "{{ a|upper }}",
        "{{ 7 * 7 }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ a if b }}",
        "{{ a ~ b }}",
        "{{ [a] }}",
        "{% set a = 1 %}",
        "{% include 'x' %}",
        "{{ a",
        "{{ }}",
    ],
)
def test_nothing_but_names_can_be_written_between_braces(source: str) -> None:
    """No logic, no filter, no attribute, no call: nothing that runs; the field is named."""
    assert ["template.texts[0].text"] == fields(
        push(source), values=(Value("a", ValueType.TEXT), Value("b", ValueType.TEXT))
    )


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_a_value_is_never_read_as_a_template(before: str, value: str) -> None:
    """Whatever stands in a value comes out as it is; in HTML no tag and no quote survives."""
    plain = before.replace("{", "").replace("\r", "").replace("}", "")
    source = f"{plain}{{{{ a }}}}"
    assert f"{plain}{value}" == placeholders.fill(source, {"a": value})
    escaped = placeholders.fill("{{ a }}", {"a": value}, html=True)
    assert not set("<>\"'") & set(escaped)


def test_names_that_nobody_declared_are_named() -> None:
    """The three that are always there need no declaration and cannot have one."""
    assert [] == fields(push("{{ customer_name }}님, {{ shop_name }} {{ coupon_id }}"))
    assert ["template.texts[0].text"] == fields(push("{{ amount }}"))
    declared = (Value("customer_name", ValueType.TEXT), Value("a", ValueType.MONEY, "ten"))
    assert ["template.values[0].name", "template.values[1].default_value"] == fields(
        push("hi"), values=declared
    )


@pytest.mark.parametrize(
    "label", ["(광고)", "( 광 고 )", "[광고]", "(광/고)", "（광고）", "(광.고)"]
)
def test_nobody_writes_the_label_by_hand(label: str) -> None:
    """It is put on where the law wants it, once, and without the tricks that hide it."""
    assert ["template.texts[0].text"] == fields(push(f"{label} 세일"))
    assert [] == fields(push("광고 문의"))


def test_each_channel_has_its_shape_and_its_length() -> None:
    """An email needs a subject, HTML is for email, a long sms has to be allowed."""
    assert ["template.texts[0].subject"] == fields(Text("email", "ko", "hi"))
    assert ["template.texts[0].html"] == fields(Text("push", "ko", "hi", html="<p>hi"))
    comment = Text("email", "ko", "hi", "s", "<p>hi</p><!-- hidden")
    assert ["template.texts[0].html"] == fields(comment)
    # 45 syllables are 90 bytes of EUC-KR.
    assert [] == fields(Text("sms", "ko", "가" * 45))
    assert ["template.texts[0].text"] == fields(Text("sms", "ko", "가" * 45 + "!"))
    assert [] == fields(Text("sms", "ko", "가" * 1_000, long=True))
    assert ["template.texts[0].text"] == fields(Text("sms", "ko", "가" * 1_001, long=True))
    assert ["template.texts[0].text"] == fields(Text("sms", "ko", "축하 🎁"))
    assert ["template.texts[0].text"] == fields(Text("kakao", "ko", "가" * 1_001))
    assert ["template.texts[1].language"] == fields(push("a"), push("b"))


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (ValueType.NUMBER, "-12.5", "1e9"),
        (ValueType.MONEY, "12900", "12,900"),
        (ValueType.DATE, "2026-11-27", "2026-02-30"),
        (ValueType.TIME, "2026-11-27T12:30:00Z", "2026-11-27T12:30:00"),
        (ValueType.TIME, "2026-11-27T12:30:00+09:00", "0001-01-01T00:00:00+14:00"),
        (ValueType.URL, "https://shop.test/a?b=c", "javascript:alert(1)"),
        (ValueType.URL, "https://shop.test/", 'https://shop.test/"onclick='),
        (ValueType.TEXT, "a" * 500, "a" * 501),
    ],
)
def test_a_value_is_written_as_its_type_asks(kind: ValueType, good: str, bad: str) -> None:
    """Anything else is refused by name."""
    made = template(push("{{ a }}"), values=(Value("a", kind),))
    assert [] == templates.mismatches(made, "push", {"a": good})
    assert ["values.a"] == [field for field, _ in templates.mismatches(made, "push", {"a": bad})]


def test_missing_and_unknown_values_are_named() -> None:
    """A default stands in; what only another channel shows is not asked for."""
    values = (
        Value("a", ValueType.TEXT),
        Value("b", ValueType.TEXT, "later"),
        Value("c", ValueType.TEXT),
    )
    made = template(push("{{ a }} {{ b }}"), Text("kakao", "ko", "{{ c }}"), values=values)
    assert ["values.a"] == [name for name, _ in templates.mismatches(made, "push", {})]
    found = templates.mismatches(made, "push", {"a": "1", "d": "2"})
    assert ["values.d"] == [name for name, _ in found]
    assert ["message.channel"] == [name for name, _ in templates.mismatches(made, "email", {})]
