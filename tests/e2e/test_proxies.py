"""nginx in front, as the page for operators has it: real players through a real proxy over TLS.

Tests that need nginx are there where nginx is; ``script/test`` installs it where it can.
"""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
import trio
import trustme

from tests.e2e.program import PATIENCE_S, ROOT, environment, program

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
DEPLOYED = ROOT / "deploy" / "nginx.conf"

AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/gameserver.conf;
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def configured(folder: Path, port: int, upstream: int, spoil: Callable[[str], str]) -> Path:
    """Write the file of the documents with this test's ports and certificate, and one around."""
    text = DEPLOYED.read_text("utf-8")
    for old, new in {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "    listen [::]:443 ssl;\n": "",
        "server_name play.example;": "server_name localhost;",
        "127.0.0.1:7777": f"127.0.0.1:{upstream}",
        "/etc/ssl/play.example/chain.pem": str(folder / "chain.pem"),
        "/etc/ssl/play.example/key.pem": str(folder / "key.pem"),
    }.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "gameserver.conf").write_text(spoil(text), "utf-8")
    around = folder / "nginx.conf"
    around.write_text(AROUND.format(folder=folder), "utf-8")
    return around


@asynccontextmanager
async def nginx(
    folder: Path, upstream: int, spoil: Callable[[str], str] = str
) -> AsyncIterator[tuple[int, Path]]:
    """Run nginx in front of a port; give its own port and who signed its certificate."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    for number, blob in enumerate(issued.cert_chain_pems):
        blob.write_to_path(folder / "chain.pem", append=number > 0)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    port = free_port()
    config = configured(folder, port, upstream, spoil)
    process = await trio.lowlevel.open_process([NGINX or "nginx", "-p", folder, "-c", config])
    try:
        with trio.fail_after(PATIENCE_S):
            while True:
                assert process.poll() is None, (folder / "nginx.log").read_text("utf-8")
                try:
                    await (await trio.open_tcp_stream("127.0.0.1", port)).aclose()
                    break
                except OSError:
                    await trio.sleep(0.05)
        yield port, folder / "ca.pem"
    finally:
        process.terminate()
        with trio.CancelScope(shield=True):
            await process.wait()


async def bots(url: str, ca: Path, seconds: str = "4") -> "subprocess.CompletedProcess[bytes]":
    played = ("--url", url, "--players", "2", "--seconds", seconds, "--json")
    return await trio.run_process(
        [sys.executable, "-m", "gameserver", "bots", *played],
        cwd=ROOT,
        env=environment() | {"SSL_CERT_FILE": str(ca)},
        capture_stdout=True,
        capture_stderr=True,
        check=False,
    )


def sign_in_from(source: str, port: int, ca: Path) -> int:
    """Sign in from this address, and claim another one; return the status."""
    trusting = ssl.create_default_context(cafile=str(ca))
    asking = http.client.HTTPSConnection(
        "127.0.0.1", port, context=trusting, source_address=(source, 0), timeout=20
    )
    headers = {"X-Forwarded-For": "6.6.6.6", "Content-Type": "application/json"}
    with closing(asking):
        asking.request("POST", "/api/v1/session", b'{"name": "Eve"}', headers)
        return asking.getresponse().status


def status_of(port: int, path: str, ca: Path) -> int:
    trusting = ssl.create_default_context(cafile=str(ca))
    try:
        url = f"https://localhost:{port}{path}"
        with urllib.request.urlopen(url, context=trusting, timeout=20) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        return error.code


def first_event(port: int, topics: str, ca: Path) -> str:
    """Return the name of a stream's first event, which comes although the stream goes on."""
    trusting = ssl.create_default_context(cafile=str(ca))
    url = f"https://localhost:{port}/events?topics={topics}"
    with urllib.request.urlopen(url, context=trusting, timeout=20) as stream:
        for line in stream:
            if line.startswith(b"event: "):
                name: str = line.decode().strip().removeprefix("event: ")
                return name
    return ""


def opened(port: int) -> dict[str, int]:
    """Return how many connections each transport of the server has had."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    found = [line for line in lines if "_opened_connections" in line and not line.startswith("#")]
    return {line.split('"')[1]: int(float(line.split()[-1])) for line in found}


def without_upgrade(text: str) -> str:
    kept = [line for line in text.splitlines() if "proxy_set_header Upgrade" not in line]
    return "\n".join(kept)


def keeping_streams(text: str) -> str:
    """Let no WebSocket pass, and keep responses until they end."""
    old = "proxy_buffering off;"
    assert old in text
    new = "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;"
    return without_upgrade(text.replace(old, new))


if NGINX is not None:

    async def test_a_match_is_played_through_nginx_with_the_documented_configuration(
        tmp_path: Path,
    ) -> None:
        flags = ("--stats-token", "hush", "--trusted-proxies", "1")
        async with (
            program(tmp_path, *flags) as running,
            nginx(tmp_path, running.port) as (port, ca),
        ):
            done = await bots(f"wss://localhost:{port}", ca)
            assert done.returncode == 0, done.stderr.decode()
            report = json.loads(done.stdout)
            assert report["matches"] == 2
            assert sign_in_from("127.0.0.7", port, ca) == 201
            assert "address=6.6.6.6" not in await running.logged("address=127.0.0.7")
            assert report["snapshots"] > 0
            assert (report["desyncs"], report["reconnects"]) == (0, 0)
            pages = {"/health": 200, "/": 200, "/metrics": 404, "/nothing": 404}
            for path, status in pages.items():
                assert await trio.to_thread.run_sync(status_of, port, path, ca) == status
            named = await trio.to_thread.run_sync(first_event, port, "lobbies,notices", ca)
            assert named == "state"
            running.assert_same_process_without_faults()

    @pytest.mark.parametrize(
        ("spoil", "road"), [(without_upgrade, "sse"), (keeping_streams, "long-polling")]
    )
    async def test_a_match_is_played_through_a_proxy_over_the_best_road_that_it_lets_pass(
        tmp_path: Path, spoil: Callable[[str], str], road: str
    ) -> None:
        async with (
            program(tmp_path) as running,
            nginx(tmp_path, running.port, spoil) as (port, ca),
        ):
            done = await bots(f"wss://localhost:{port}", ca, "8")
            assert done.returncode == 0, done.stderr.decode()
            report = json.loads(done.stdout)
            assert report["snapshots"] > 0
            assert (report["desyncs"], report["reconnects"]) == (0, 0)
            assert await trio.to_thread.run_sync(opened, running.port) == {road: 2}
            running.assert_same_process_without_faults()
