"""The example page in a real browser: it signs in, chats, plays, and changes its road."""

import http.server
import json
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.client.blocking_proxy import blocking
from tests.client_js.node import FOLDER, SCRIPTS, build, needs_node
from tests.client_js.test_playing import PLAYING_S
from tests.e2e.program import PATIENCE_S, program

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

pytestmark = [
    needs_node,
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="needs Chromium; script/test installs it where it can (apt-get install chromium)",
    ),
]


class Pages:
    """A web server for the folder of the package, to which the page reports."""

    def __init__(self) -> None:
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
        reports = self.reports

        class Handler(http.server.SimpleHTTPRequestHandler):
            extensions_map = {".js": "text/javascript", ".mjs": "text/javascript"}  # noqa: RUF012

            def __init__(self, *args: Any) -> None:
                super().__init__(*args, directory=str(FOLDER))

            def do_GET(self) -> None:
                found = {
                    "/drive.mjs": (SCRIPTS / "drive.mjs", "text/javascript", b""),
                    "/page": (
                        FOLDER / "examples" / "page.html",
                        "text/html",
                        b'<script type="module" src="/drive.mjs"></script>',
                    ),
                }.get(self.path.partition("?")[0])
                if found is None:
                    super().do_GET()
                    return
                path, kind, more = found
                self.answer(path.read_bytes() + more, kind)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                token.run_sync_soon(reports.send_nowait, json.loads(body))
                self.answer(b"", "text/plain")

            def answer(self, body: bytes, kind: str) -> None:
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


async def test_a_page_plays_without_a_websocket_and_goes_over_to_one(tmp_path: Path) -> None:
    await trio.to_thread.run_sync(build)
    with trio.fail_after(PATIENCE_S), Pages().serving() as pages:
        origin = f"http://127.0.0.1:{pages.port}"
        async with (
            program(tmp_path, "--allow-origin", origin) as server,
            blocking(server.url) as (proxy, url),
            browser(f"{origin}/page?server={url}", tmp_path / "profile"),
        ):
            playing = await pages.report()
            assert playing["connected"] < PLAYING_S
            assert playing["road"] == "long-polling"
            assert "Nora" in playing["lobby"]
            assert proxy.refused >= 1
            proxy.blocks = False
            assert await pages.report() == {"road": "websocket", "state": "online"}
            server.assert_same_process_without_faults()
