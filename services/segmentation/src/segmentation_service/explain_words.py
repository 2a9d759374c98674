"""An explanation in words, in Korean or English."""

from __future__ import annotations

from segmentation_service.explain_words_en import English
from segmentation_service.explain_words_ko import Korean
from segmentation_service.explain_words_parts import Part, Voice, deciding, kind_of

REASONS = 3


def words_of(part: Part, voice: Voice) -> str:
    """One part: what is, what is needed, whether that holds and until when."""
    speaker = speaker_of(voice)
    return speaker.sentence(part, getattr(speaker, kind_of(part.rule))(part))


def summary_of(whole: Part, entered_at_ms: int | None, voice: Voice) -> str:
    """In or out, since when, because of which conditions, and when that changes next."""
    speaker = speaker_of(voice)
    reasons = [
        speaker.reason(getattr(speaker, kind_of(part.rule))(part), negated)
        for part, negated in deciding(whole)
    ]
    reasons = list(dict.fromkeys(reasons))
    return speaker.summary(whole, entered_at_ms, reasons[:REASONS], max(0, len(reasons) - REASONS))


def speaker_of(voice: Voice) -> English | Korean:
    """Who speaks the voice's language; English for those that nobody speaks yet."""
    return Korean(voice) if voice.language.partition("-")[0] == "ko" else English(voice)
