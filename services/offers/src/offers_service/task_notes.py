"""What may not stand in a note of staff: ways to reach or to identify a person. Pure.

Notes are kept as they are written, so what is sealed in profile must not come in here: the
customer of a task has it already. Found are the shapes that such things have, not names.
"""

from __future__ import annotations

import re

# Korean numbers begin with 0 and have 9 to 11 digits; foreign ones come with their +.
_SHAPES = {
    "an email address": re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}"),
    "a resident registration number": re.compile(r"(?<!\d)\d{6}[ -]?[1-8]\d{6}(?!\d)"),
    "a card number": re.compile(r"(?<!\d)\d{4}([ -]?)\d{4}\1\d{4}\1\d{3,4}(?!\d)"),
    "a phone number": re.compile(
        r"(?<![\d-])(?:\+\d{1,3}[ .-]?\(?0?\d{1,3}|\(?0\d{1,2})\)?[ .-]?\d{3,4}[ .-]?\d{4}(?![\d-])"
    ),
}


def personal(note: str) -> str:
    """What of a person the note names; empty for nothing."""
    return next((name for name, shape in _SHAPES.items() if shape.search(note)), "")
