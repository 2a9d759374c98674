"""What a client of the last release could no longer do: part of `make check`.

The schema of GraphQL and the contracts of Protobuf are compared with those of the last release,
which are kept beside them. A break fails, unless CHANGELOG.md tells of it under [Unreleased] in the
very words that are printed here. `python dev/breaking.py --release` takes the present ones as
those of a release.
"""

import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from graphql import build_schema, find_breaking_changes

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "services/gateway/schema.graphql"
RELEASED_SCHEMA = ROOT / "services/gateway/schema.released.graphql"
RELEASED_IMAGE = ROOT / "proto/released.binpb.gz"
CHANGELOG = ROOT / "CHANGELOG.md"
# As in proto/buf.yaml.
RULES = json.dumps({"version": "v2", "breaking": {"use": ["FILE"]}})


def schema_breaks(released: str, present: str) -> list[str]:
    """What graphql-core's comparison finds, a sentence each."""
    changes = find_breaking_changes(build_schema(released), build_schema(present))
    return [change.description for change in changes]


def contract_breaks(released: Path, present: Path) -> list[str]:
    """What buf finds between two images, a sentence each."""
    buf = Path(sys.executable).with_name("buf")
    options = ["--against", str(released), "--config", RULES, "--error-format", "json"]
    compared = subprocess.run(
        [str(buf), "breaking", str(present), *options], capture_output=True, text=True, check=False
    )
    found = [json.loads(line) for line in compared.stdout.splitlines()]
    # 100: there are breaks. Anything else and no line: it did not compare at all.
    if compared.returncode not in (0, 100) or bool(found) != bool(compared.returncode):
        raise RuntimeError(f"buf could not compare the contracts: {compared.stderr}")
    return [f"{one['path']}: {one['message']}" for one in found]


def present_image(directory: Path) -> Path:
    """The contracts as they are now, as buf reads them."""
    image = directory / "present.binpb"
    generate = [sys.executable, "libs/contracts/generate.py", "--image", str(image)]
    subprocess.run(generate, cwd=ROOT, check=True)
    return image


def unreleased(changelog: str) -> str:
    """What the changelog says of the next release, in one line."""
    _, _, rest = changelog.partition("## [Unreleased]")
    return " ".join(rest.partition("\n## [")[0].split())


def unaccepted(breaks: list[str], changelog: str) -> list[str]:
    """Breaks that the changelog does not tell of in these words."""
    told = unreleased(changelog)
    return [one for one in breaks if " ".join(one.split()) not in told]


def main() -> None:
    """Compare, or with --release take the present API; exit code 1 for breaks nobody accepted."""
    with tempfile.TemporaryDirectory() as scratch:
        image = present_image(Path(scratch))
        if "--release" in sys.argv[1:]:
            RELEASED_SCHEMA.write_text(SCHEMA.read_text())
            RELEASED_IMAGE.write_bytes(gzip.compress(image.read_bytes(), mtime=0))
            return
        breaks = schema_breaks(RELEASED_SCHEMA.read_text(), SCHEMA.read_text())
        breaks += contract_breaks(RELEASED_IMAGE, image)
    left = unaccepted(breaks, CHANGELOG.read_text())
    for one in left:
        print(f"breaks clients of the last release: {one}")
    if left:
        print("undo it, or tell of it in CHANGELOG.md under [Unreleased], in these very words")
    sys.exit(bool(left))


if __name__ == "__main__":
    main()
