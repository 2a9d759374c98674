"""What clients of the last release could no longer do fails `make check`, until it is told of."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

BREAKING = runpy.run_path(str(Path(__file__).resolve().parents[3] / "dev/breaking.py"))
SCHEMA = "type Query { shop(id: ID): Shop } type Shop { name: String! open: Boolean! }"
PROTO = """syntax = "proto3";
package shop.v1;
message Shop {
  string name = 1;
  bool open = 2;
}
"""


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (SCHEMA, []),
        (SCHEMA.replace("open: Boolean!", "open: Boolean! city: String"), []),
        (SCHEMA.replace("open: Boolean!", ""), ["Field Shop.open was removed."]),
        (
            SCHEMA.replace("open: Boolean!", "open: Boolean"),
            ["Field Shop.open changed type from Boolean! to Boolean."],
        ),
        (
            SCHEMA.replace("id: ID", "id: ID, city: String!"),
            ["A required argument Query.shop(city:) was added."],
        ),
    ],
)
def test_what_takes_from_the_schema_breaks(present: str, expected: list[str]) -> None:
    """Fields and arguments that may be left out can be added; nothing can be taken away."""
    assert BREAKING["schema_breaks"](SCHEMA, present) == expected


def _image(directory: Path, name: str, text: str) -> Path:
    (directory / "shop.proto").write_text(text)
    image = directory / name
    command = [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={directory}"]
    subprocess.run([*command, f"--descriptor_set_out={image}", "shop.proto"], check=True)
    return image


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (PROTO.replace("bool open = 2;", "bool open = 2; string city = 3;"), []),
        (
            PROTO.replace("bool open = 2;", ""),
            ['shop.proto: Previously present field "2" with name "open" on message "Shop" was '
             "deleted."],
        ),
    ],
)  # fmt: skip
def test_what_takes_from_the_contracts_breaks(
    tmp_path: Path, present: str, expected: list[str]
) -> None:
    """As buf judges it."""
    released = _image(tmp_path, "released.binpb", PROTO)
    assert BREAKING["contract_breaks"](released, _image(tmp_path, "p.binpb", present)) == expected


def test_a_break_is_accepted_by_telling_of_it() -> None:
    """Under the next release, in the very words, however the lines are broken."""
    breaks = ["Field Shop.open was removed.", "Field Shop.name was removed."]
    changelog = (
        "# Changelog\n## [Unreleased]\n### Removed\n- Field Shop.open\n  was removed.: ask `hours`"
        "\n\n## [1.0]\n- Field Shop.name was removed.\n"
    )
    assert BREAKING["unaccepted"](breaks, changelog) == ["Field Shop.name was removed."]
