"""Puts one service into its image: our own packages, compiled, and the program that starts it.

    python assemble.py SERVICE DIRECTORY

DIRECTORY has .venv with what the service's lock file names. Runs while an image is built.
"""

import compileall
import shutil
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
# The folders of packages, below the repository, that each image takes.
LIBRARIES = ("libs/contracts/src", "libs/service_kit/src")
FOLDERS = {
    name: (*LIBRARIES, "libs/rules/src", f"services/{name}/src")
    for name in ("profile", "segmentation", "offers", "gateway")
} | {"cli": (*LIBRARIES, "libs/cli/src")}
START = """\
#!{python}
import runpy

runpy.run_module("{module}", run_name="__main__", alter_sys=True)
"""


def module_of(service: str) -> str:
    """What `python -m` runs."""
    return "dangol_cli" if service == "cli" else f"{service}_service"


def assemble(service: str, directory: Path) -> None:
    """Copies, compiles, and writes DIRECTORY/start. Raises KeyError for an unknown service."""
    (packages,) = directory.glob(".venv/lib/python3.*/site-packages")
    for folder in FOLDERS[service]:
        shutil.copytree(
            SOURCE / folder,
            packages,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    # The files never change again, so that nothing has to compare them with their sources.
    mode = compileall.py_compile.PycInvalidationMode.UNCHECKED_HASH  # type: ignore[attr-defined]
    if not compileall.compile_dir(packages, quiet=1, force=True, invalidation_mode=mode):
        sys.exit("a file does not compile")
    start = directory / "start"
    python = directory / ".venv/bin/python"
    start.write_text(START.format(python=python, module=module_of(service)))
    start.chmod(0o755)


if __name__ == "__main__":
    assemble(sys.argv[1], Path(sys.argv[2]))
