"""`make check` tells generated files that differ from what their source generates."""

import runpy
from pathlib import Path

CHECK = runpy.run_path(str(Path(__file__).resolve().parents[3] / "dev/check.py"))


def _tree(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def test_equal_trees_have_no_differences(tmp_path: Path) -> None:
    """Equal content is no difference, and neither are interpreters' caches."""
    fresh = _tree(tmp_path / "fresh", a="1", b="2")
    committed = _tree(tmp_path / "committed", a="1", b="2")
    _tree(committed / "__pycache__", c="3")
    assert [] == CHECK["differences"](fresh, committed)


def test_changed_missing_and_extra_files_are_differences(tmp_path: Path) -> None:
    """A changed file, one not committed and one left over from earlier are named."""
    fresh = _tree(tmp_path / "fresh", changed="1", fresh="2", same="3")
    committed = _tree(tmp_path / "committed", changed="2", left="2", same="3")
    assert ["changed", "fresh", "left"] == CHECK["differences"](fresh, committed)
