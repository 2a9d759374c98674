"""What is said about a text that is no rule, and what is refused before it is parsed."""

from __future__ import annotations

import re
import unicodedata

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from dangol_rules.error import MAX_NESTING, RuleError, suggest

# Control characters, lone surrogates, marks of direction, zero-width and other invisible ones. The
# joiners U+200C and U+200D stay: scripts and emoji are written with them.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b"
    "\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
KEYWORDS = ("and", "or", "not", "in", "any", "where", "by", "from", "to", "within")
QUOTES = ("'", "“", "”", "‘", "’")
SIGNS = {
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "&": "and",
    "|": "or",
    "!": "not before a condition, or != between two values",
}
# Texts and comments are skipped whole; what they hold nests nothing.
BRACKETS = re.compile(r'"(?:\\.|[^"\\\n])*"?|#[^\n]*|[()]')


def refuse_invisible(text: str) -> None:
    """Characters that hide or reorder what a person reads have no place in a rule."""
    matched = INVISIBLE.search(text)
    if matched is not None:
        at = matched.start()
        raise RuleError(
            *place_of(text, at), f"invisible character U+{ord(matched[0]):04X}", "remove it"
        )


def refuse_depth(text: str) -> None:
    """Parentheses far beyond the limit need no parser to be refused. Calls have some as well."""
    depth = 0
    for matched in BRACKETS.finditer(text):
        if matched[0] == "(":
            depth += 1
            if depth > 2 * MAX_NESTING:
                line, column = place_of(text, matched.start())
                message = f"nested deeper than {MAX_NESTING}"
                raise RuleError(line, column, message, "split the rule into segments")
        elif matched[0] == ")":
            depth -= 1


def place_of(text: str, at: int) -> tuple[int, int]:
    """Line and column of an offset."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def explain_syntax(text: str, error: UnexpectedInput) -> RuleError:
    """What a person would say about a syntax error."""
    if isinstance(error, UnexpectedCharacters):
        return RuleError(
            error.line, error.column, *explain_character(text[error.pos_in_stream or 0])
        )
    if not isinstance(error, UnexpectedToken):
        return RuleError(1, 1, "not a rule", "see docs/rules.md")
    token: Token = error.token
    if token.type == "$END":
        line = text.count("\n") + 1
        column = len(text) - text.rfind("\n")
        if not any(written.partition("#")[0].strip() for written in text.splitlines()):
            return RuleError(line, column, "the rule is empty", "count(purchase, 90d) = 0")
        hint = "close the parenthesis" if "RPAR" in error.accepts else "something is missing"
        return RuleError(line, column, "the rule ends too early", hint)
    hint = suggest_token(token, error.accepts)
    return RuleError(token.line or 1, token.column or 1, f"unexpected {token[:40]}", hint)


def explain_character(character: str) -> tuple[str, str]:
    """The message and hint for a character that begins nothing."""
    if character in QUOTES:
        return "texts stand in straight double quotes", 'write "x"'
    if character == '"':
        return "the text does not end", 'close it with " on the same line'
    if character in SIGNS:
        return f"unexpected character {character}", f"write {SIGNS[character]}"
    if character.isascii():
        return f"unexpected character {character}", "see docs/rules.md"
    return f"unexpected character {character} (U+{ord(character):04X})", plain_hint(character)


def plain_hint(character: str) -> str:
    """What to write instead of a character beyond ASCII."""
    plain = unicodedata.normalize("NFKC", character)
    if plain == " ":
        return "write an ordinary space"
    if plain.isascii() and plain.isprintable():
        return f"write the plain {plain}"
    return "names are of a to z, 0 to 9 and _; other texts stand in quotes"


def suggest_token(token: Token, accepts: set[str]) -> str:
    """A hint for a token that does not belong where it stands."""
    if token.type == "NAME":
        near = [word for word in KEYWORDS if word.upper() in accepts]
        return suggest(token, near, "a comparison or and/or is missing before it")
    if token.type == "COMPARATOR" and "RPAR" not in accepts:
        return "compare two values at a time; write = once, not =="
    if "RPAR" in accepts and token.type != "COMMA":
        return "close the parenthesis before it"
    if token.type in ("RPAR", "COMMA"):
        return "something is missing before it"
    return "a comparison or and/or is missing before it"
