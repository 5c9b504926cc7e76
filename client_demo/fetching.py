"""The replay of the match that has just been played, on its way from the server.

Law: a frame reads the attributes; the file comes in a task. Whatever goes wrong is one sentence.
"""

import tempfile
from pathlib import Path

import attrs

from client_demo.text.sentences import sentence_of
from gameserver.client import Client, fetch_replay
from gameserver.errors import GameserverError
from gameserver.ids import MatchId
from gameserver.text import shown


@attrs.define(eq=False)
class ReplayFetch:
    """One match's replay.

    Attributes:
        match_id: The match.
        folder: Where the file goes; None for one of the system that is for passing things.
        got: Bytes that have come.
        size: Bytes of the whole file; 0 until the first ones come.
        running: Whether it is on its way.
        path: The file, once it is whole.
        fault: Why it did not come; empty while it may.
    """

    match_id: MatchId
    folder: Path | None = None
    got: int = 0
    size: int = 0
    running: bool = False
    path: Path | None = None
    fault: str = ""

    async def run(self, client: Client) -> Path | None:
        """Fetch the file, unless it is there; return it."""
        if self.path is not None:
            return self.path
        self.running, self.fault, self.got = True, "", 0
        try:
            folder = self.folder or Path(tempfile.gettempdir())
            folder.mkdir(parents=True, exist_ok=True)
            self.path = await fetch_replay(client, self.match_id, folder, progress=self._came)
        except GameserverError as error:
            self.fault = sentence_of(shown(str(error), 200))
        except OSError as error:
            self.fault = f"The replay could not be kept: {error.strerror}."
        finally:
            self.running = False
        return self.path

    def _came(self, got: int, size: int) -> None:
        self.got, self.size = got, size
