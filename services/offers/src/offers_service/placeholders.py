"""Texts with {{ placeholders }} and nothing else, by Jinja's sandbox. Pure.

A text is parsed once and may consist of plain data and names alone: no tag, filter, attribute,
call, test or operator passes, so there is nothing in it that could run.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

_KEPT_MAX = 4_096
_PLAIN = ImmutableSandboxedEnvironment(
    autoescape=False, undefined=StrictUndefined, keep_trailing_newline=True
)
_HTML = ImmutableSandboxedEnvironment(
    autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
)


class TextInvalidError(Exception):
    """The text cannot be read; the message says where and why."""


@lru_cache(_KEPT_MAX)
def names(source: str) -> frozenset[str]:
    """The placeholders of a text. Raises TextInvalidError."""
    try:
        tree = _PLAIN.parse(source)
    except TemplateSyntaxError as error:
        text = f"line {error.lineno}: write placeholders as {{{{ name }}}}"
        raise TextInvalidError(text) from None
    found = set[str]()
    for part in tree.body:
        if not isinstance(part, nodes.Output):
            raise _refused(part.lineno)
        for node in part.nodes:
            if isinstance(node, nodes.Name):
                found.add(node.name)
            elif not isinstance(node, nodes.TemplateData):
                raise _refused(node.lineno)
    return frozenset(found)


def fill(source: str, values: Mapping[str, str], *, html: bool = False) -> str:
    """The text with its placeholders replaced; in HTML every value is escaped.

    Raises TextInvalidError, also when a value is missing.
    """
    missing = names(source) - values.keys()
    if missing:
        raise TextInvalidError(f"{min(missing)} has no value")
    filled: str = _compiled(source, html).render(values)
    return filled


@lru_cache(_KEPT_MAX)
def _compiled(source: str, html: bool):  # type: ignore[no-untyped-def]
    return (_HTML if html else _PLAIN).from_string(source)


def _refused(line: int) -> TextInvalidError:
    return TextInvalidError(f"line {line}: only {{{{ name }}}} is allowed, no logic")
