"""Makes the workspace's packages importable in .venv, and the `dangol` command run.

Links the sources by a .pth file, which is quicker than building and installing each package and
shows every edit at once.
"""

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMAND = """#!{python}
from dangol_cli.__main__ import main

main()
"""


def main() -> None:
    """Write the .pth file and the command."""
    sources = sorted(
        manifest.parent / "src"
        for pattern in ("libs/*/pyproject.toml", "services/*/pyproject.toml", "dev/pyproject.toml")
        for manifest in ROOT.glob(pattern)
    )
    site_packages = Path(sysconfig.get_path("purelib"))
    (site_packages / "dangol.pth").write_text("".join(f"{source}\n" for source in sources))
    command = Path(sys.executable).with_name("dangol")
    command.write_text(COMMAND.format(python=sys.executable))
    command.chmod(0o755)


if __name__ == "__main__":
    main()
