"""Writes charts/dangol/files: the alert rules and the dashboards. tests/charts compares them.

python -m dangol_dev.monitoring
"""

import json
from pathlib import Path

from dangol_dev.monitoring.alerts import groups
from dangol_dev.monitoring.dashboards import dashboards

FOLDER = Path(__file__).resolve().parents[4] / "charts/dangol/files"


def files() -> dict[str, str]:
    """By path below the folder, what stands in each file."""
    found = {"alerts.json": _text({"groups": groups()})}
    for name, content in dashboards().items():
        found[f"dashboards/{name}.json"] = _text(content)
    return found


def _text(content: object) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path, text in files().items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(text)
