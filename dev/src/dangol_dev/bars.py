"""Progress bars for a run."""

from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from dangol_dev.progress import Progress as Step


class Bars:
    """One bar for each part of the run, with the shop's own date beside it."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description:<8}"),
            BarColumn(bar_width=48),
            TaskProgressColumn(),
            TextColumn("[dim]{task.fields[date]}[/]"),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bars.stop()

    async def show(self, step: Step) -> None:
        """Move the part's bar."""
        if step.part not in self._tasks:
            self._tasks[step.part] = self._bars.add_task(step.part, total=step.total, date="")
        date = datetime.fromtimestamp(step.now_ms / 1000, UTC).date().isoformat()
        self._bars.update(self._tasks[step.part], completed=step.done, total=step.total, date=date)
