"""Fetches GraphiQL's scripts with npm: python -m gateway_service.graphiql_assets DIRECTORY."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from gateway_service.graphiql import ASSETS


def fetch(directory: Path) -> None:
    """Puts the files that the page needs into `directory`.

    Raises OSError without npm, subprocess.CalledProcessError when the registry does not answer.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        for file_name, source in ASSETS.items():
            package, _, path = source.partition("/")
            archive = Path(name) / f"{package.replace('@', '-')}.tgz"
            if not archive.exists():
                subprocess.run(
                    ["npm", "pack", "--silent", "--ignore-scripts", package],  # noqa: S607
                    cwd=name,
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
            _extract(archive, f"package/{path}", directory / file_name)


def _extract(archive: Path, member: str, target: Path) -> None:
    with tarfile.open(archive) as tar:
        content = tar.extractfile(member)
        if content is None:
            raise FileNotFoundError(member)
        target.write_bytes(content.read())


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
