"""Writes what is in each image as CycloneDX: images/NAME.lock, with versions and hashes.

    .tools/venv/bin/python dev/sbom.py DIRECTORY

The base image's own packages are for who builds on it to list; its name stands in the Dockerfile.
"""

import json
import re
import sys
import tomllib
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot5
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[1]
_ENTRY = re.compile(r"^([a-z0-9.-]+)==([^ ;\\]+)([^\n]*(?:\n    --hash=[^\n]+)*)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components(lock: str) -> list[Component]:
    """The packages of a lock file."""
    return [
        Component(
            type=ComponentType.LIBRARY,
            name=name,
            version=version,
            purl=PackageURL("pypi", None, name, version),
            bom_ref=f"{name}@{version}",
            hashes=[
                HashType(alg=HashAlgorithm.SHA_256, content=digest)
                for digest in _HASH.findall(rest)
            ],
        )
        for name, version, rest in _ENTRY.findall(lock)
    ]


def bill(service: str, lock: str, version: str) -> str:
    """The document of one image; the same lock gives the same bytes."""
    image = Component(
        type=ComponentType.CONTAINER, name=f"dangol/{service}", version=version, bom_ref="image"
    )
    serial = uuid5(NAMESPACE_URL, f"urn:dangol:{service}:{version}:{lock}")
    bom = Bom(components=components(lock), serial_number=serial)
    bom.metadata = BomMetaData(component=image)
    bom.register_dependency(image, bom.components)
    document = json.loads(JsonV1Dot5(bom).output_as_string())
    # It would differ from run to run.
    del document["metadata"]["timestamp"]
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main(directory: Path) -> None:
    """One file an image."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    directory.mkdir(parents=True, exist_ok=True)
    for lock in sorted((ROOT / "images").glob("*.lock")):
        target = directory / f"{lock.stem}.cdx.json"
        target.write_text(bill(lock.stem, lock.read_text(), version))
        print(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
