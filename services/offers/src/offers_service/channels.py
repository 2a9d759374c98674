"""How much a message may hold on each channel, and how that is counted. Pure.

Sources of the figures:
- sms of a Korean shop: an SMS holds 90 bytes and an LMS 2,000 bytes of text and 40 of subject, in
  the carriers' EUC-KR (as its superset CP949), two bytes a Hangul syllable: the gateways of the
  Korean carriers, such as Aligo's (SMS::Send::KR::Aligo) and NHN Cloud's, publish these.
- sms elsewhere: 1,600 characters, Twilio's longest body of a message.
- kakao: 1,000 characters of an AlimTalk or a text FriendTalk, spaces included (Kakao's, Infobip's
  pages on types of messages).
- push: 4,096 bytes of payload at both FCM and APNs (their documentation); 3,800 for the words
  leave room for the envelope.
- email: a line of a header holds 998 characters (RFC 5322, 2.1.1), so 200 of a subject, even where
  each takes four bytes in base64; Gmail clips a message at 102 kB.
- a channel of the tenant's own: 10,000 characters, as much as this service keeps.
"""

from __future__ import annotations

from dataclasses import dataclass

EMAIL, SMS, KAKAO, PUSH = "email", "sms", "kakao", "push"
SUBJECT_MAX = 200
_CARRIER_CHARSET = "cp949"
_SMS_BYTES, _LMS_BYTES, _LMS_SUBJECT_BYTES = 90, 2_000, 40
_PUSH_BYTES = 3_800
_EMAIL_BYTES = 102_000
_CHARACTERS = {SMS: 1_600, KAKAO: 1_000}
_CHARACTERS_OWN = 10_000


@dataclass(frozen=True, slots=True)
class Size:
    """How long something is, and how long it may be. format: SMS or LMS; else empty."""

    length: int
    length_max: int
    format: str = ""

    @property
    def fits(self) -> bool:
        """Whether the channel carries it."""
        return self.length <= self.length_max


def measure(channel: str, subject: str, text: str, html: str, *, long: bool, korean: bool) -> Size:
    """The size of a complete message. korean: it goes by a Korean carrier."""
    if channel == SMS and korean:
        return _measure_sms(subject, text, long=long)
    if channel == PUSH:
        return Size(_bytes(subject) + _bytes(text), _PUSH_BYTES)
    if channel == EMAIL:
        return Size(max(_bytes(html), _bytes(text)), _EMAIL_BYTES)
    return Size(len(text), _CHARACTERS.get(channel, _CHARACTERS_OWN))


def unencodable(text: str) -> str:
    """The first character that Korean carriers cannot send; empty for none."""
    for character in text:
        try:
            character.encode(_CARRIER_CHARSET)
        except UnicodeEncodeError:
            return character
    return ""


def _measure_sms(subject: str, text: str, *, long: bool) -> Size:
    length = _carrier_bytes(text)
    if not subject and (length <= _SMS_BYTES or not long):
        return Size(length, _SMS_BYTES, "SMS")
    over = _carrier_bytes(subject) - _LMS_SUBJECT_BYTES
    if over > 0:
        return Size(_LMS_BYTES + over, _LMS_BYTES, "LMS")
    return Size(length, _LMS_BYTES, "LMS")


def _carrier_bytes(text: str) -> int:
    return len(text.encode(_CARRIER_CHARSET, errors="replace"))


def _bytes(text: str) -> int:
    return len(text.encode())
