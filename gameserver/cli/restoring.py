"""A progress bar while a starting server restores the state of an earlier process."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from gameserver.cli.output import err

WORTH_SHOWING = 1_000
"""Steps below which no bar is shown: they take less than a blink."""


class Restoring:
    """One bar for each kind of work, in a terminal only."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def show(self, what: str, done: int, of: int) -> None:
        """Show how much of some work is done."""
        if self._progress is None:
            if of < WORTH_SHOWING:
                return
            columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
            self._progress = Progress(*columns, console=err, transient=True)
            self._progress.start()
        task = self._tasks.get(what)
        if task is None:
            task = self._tasks[what] = self._progress.add_task(what, total=of)
        self._progress.update(task, completed=done)

    def close(self) -> None:
        """Remove the bars."""
        if self._progress is not None:
            self._progress.stop()
