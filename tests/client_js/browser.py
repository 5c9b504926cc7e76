"""A real browser for tests, and a web server for its pages, to which these report."""

import http.server
import json
import shutil
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.client_js.node import FOLDER

CHROMIUM = next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None
)

QUIET = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None,
    reason="needs Chromium; script/test installs it where it can (apt-get install chromium)",
)

SCRIPT = "text/javascript"
PAGE = "text/html"


class Pages:
    """A web server for the folder of the package and for some more, to which pages report.

    ``more`` has the kind and the bytes of what is found at each other path.
    """

    def __init__(self, more: Mapping[str, tuple[str, bytes]]) -> None:
        self._more = more
        self.reports, self._told = trio.open_memory_channel[dict[str, Any]](100)
        self.port = 0

    async def report(self) -> dict[str, Any]:
        """Wait for the page's next report."""
        found: dict[str, Any] = await self._told.receive()
        assert "error" not in found, found["error"]
        return found

    @contextmanager
    def serving(self) -> Iterator["Pages"]:
        """Serve in a thread."""
        token = trio.lowlevel.current_trio_token()
        reports, more = self.reports, self._more

        class Handler(http.server.SimpleHTTPRequestHandler):
            extensions_map = {".js": "text/javascript", ".mjs": "text/javascript"}  # noqa: RUF012

            def __init__(self, *args: Any) -> None:
                super().__init__(*args, directory=str(FOLDER))

            def do_GET(self) -> None:
                found = more.get(self.path.partition("?")[0])
                if found is None:
                    super().do_GET()
                else:
                    self.answer(*found)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                token.run_sync_soon(reports.send_nowait, json.loads(body))
                self.answer("text/plain", b"")

            def answer(self, kind: str, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()


@asynccontextmanager
async def browser(url: str, profile: Path) -> AsyncIterator[None]:
    """Show a page in a browser without a window."""
    assert CHROMIUM is not None
    command = [CHROMIUM, *QUIET, f"--user-data-dir={profile}", url]
    with (profile.parent / "browser.log").open("wb") as log:
        process = await trio.lowlevel.open_process(command, stdout=log, stderr=log)
    try:
        yield
    finally:
        if process.poll() is None:
            process.terminate()
        with trio.CancelScope(shield=True):
            await process.wait()
