"""Writes charts/dangol/README.md: an introduction, then every value with its meaning and default.

    python -m dangol_dev.chart_readme

Meanings are the comments that begin with "# -- " in values.yaml; tests/charts compares the page.
"""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "charts/dangol"
_KEY = re.compile(r"^( *)([A-Za-z0-9_-]+):(?: (.*))?$")
_MEANING = re.compile(r"^ *# -- (.*)$")
_MORE = re.compile(r"^ *# (.*)$")


def rows(text: str) -> Iterator[tuple[str, str, str]]:
    """(path, default, meaning) of every value that has a meaning, in the order of the file."""
    path: list[tuple[int, str]] = []
    meaning: str | None = None
    for line in text.splitlines():
        if found := _MEANING.match(line):
            meaning = found[1]
        elif (found := _MORE.match(line)) and meaning is not None:
            meaning += f" {found[1]}"
        elif found := _KEY.match(line):
            depth = len(found[1])
            path = [*(part for part in path if part[0] < depth), (depth, found[2])]
            if meaning is not None:
                yield ".".join(name for _, name in path), found[3] or "see values.yaml", meaning
            meaning = None
        elif not line.strip():
            meaning = None


def page() -> str:
    """The whole page."""
    head = (CHART / "README.head.md").read_text()
    lines = ["| value | default | meaning |", "| --- | --- | --- |"]
    for path, default, meaning in rows((CHART / "values.yaml").read_text()):
        lines.append(f"| `{path}` | `{default}` | {meaning.replace('|', chr(92) + '|')} |")
    return head + "\n".join(lines) + "\n"


if __name__ == "__main__":
    (CHART / "README.md").write_text(page())
