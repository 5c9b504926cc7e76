"""The real programs end in order on a signal, at any moment, without a traceback."""

import signal
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import trio
import trustme

from gameserver.client import Online, open_client
from gameserver.messages.session import GetServerInfo, ServerInfo
from tests.e2e.program import PATIENCE_S, ROOT, environment, program, until


@pytest.mark.parametrize(
    ("command", "module"),
    [
        ("serve", "click"),
        ("serve", "gameserver.service.config.settings"),
        ("serve", "trio"),
        ("bots", "rich.progress"),
        ("stats", "attr"),
    ],
)
async def test_ctrl_c_while_a_command_is_still_imported_prints_nothing(
    command: str, module: str
) -> None:
    with trio.fail_after(PATIENCE_S):
        process = await trio.lowlevel.open_process(
            [sys.executable, "-X", "importtime", "-m", "gameserver", command],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        said = b""
        while f"{module}\n".encode() not in said.replace(b" ", b""):  # Python tells its imports
            said += await process.stderr.receive_some()
        process.send_signal(signal.SIGINT)
        while more := await process.stderr.receive_some():
            said += more
        assert await process.wait() == -signal.SIGINT
        await process.stderr.aclose()
    assert [line for line in said.splitlines() if not line.startswith(b"import time:")] == []


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGHUP, signal.SIGHUP]])
async def test_ctrl_c_and_a_closed_terminal_are_orderly_stops(
    tmp_path: Path, signals: list[signal.Signals]
) -> None:
    async with program(tmp_path) as running:
        async with open_client(running.url, "Ann") as client:
            for number in signals:
                running.process.send_signal(number)
            await until(lambda: not isinstance(client.status, Online))
        assert await running.process.wait() == 0
        said = running.log.read_text("utf-8")
        assert said.count("stopping") == 1
        assert "Traceback" not in said


async def test_a_hangup_reloads_the_certificate_of_a_service_and_ends_nothing(
    tmp_path: Path,
) -> None:
    issued = trustme.CA().issue_cert("localhost")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    flags = ("--tls-cert", str(certificate), "--tls-key", str(key))
    async with program(tmp_path, *flags, wrapper=("setsid",)) as running:
        for _ in range(2):
            running.process.send_signal(signal.SIGHUP)
        await until(lambda: "certificate reloaded" in running.log.read_text("utf-8"))
        running.terminate()
        assert await running.process.wait() == 0


async def test_a_hangup_has_a_service_take_the_secret_that_its_file_has_now(
    tmp_path: Path,
) -> None:
    file = tmp_path / "own.toml"

    def write(secret: str) -> None:
        file.write_text(f'[gameserver]\nconsole-secret = "{secret}"\n')

    def me(url: str, secret: str) -> int:
        asked = Request(
            f"{url.replace('ws:', 'http:')}/api/v1/admin/me",
            headers={"Authorization": f"Bearer {secret}"},
        )
        try:
            with urlopen(asked, timeout=PATIENCE_S) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code

    write("the-first-secret")
    async with program(tmp_path, "--config", str(file), wrapper=("setsid",)) as running:

        async def hangs_up(says: str) -> None:
            running.process.send_signal(signal.SIGHUP)
            await until(lambda: says in running.log.read_text("utf-8"))

        async def statuses() -> list[int]:
            secrets = ("the-first-secret", "the-second-secret")
            return [await trio.to_thread.run_sync(me, running.url, each) for each in secrets]

        write("the-second-secret")
        assert await statuses() == [200, 401]
        await hangs_up("console secret changed")
        assert await statuses() == [401, 200]
        write("short")
        await hangs_up("console secret not changed")
        file.write_text("")
        await hangs_up("the settings file has no console-secret any more")
        assert await statuses() == [401, 200]
        running.terminate()
        assert await running.process.wait() == 0
        said = running.log.read_text("utf-8")
        assert not any(each in said for each in ("the-first", "the-second", "short"))


async def test_a_hangup_ends_a_server_whose_secret_is_in_no_file(tmp_path: Path) -> None:
    flags = ("--console-secret", "the-first-secret")
    async with program(tmp_path, *flags, wrapper=("setsid",)) as running:
        running.process.send_signal(signal.SIGHUP)
        assert await running.process.wait() == 0


async def test_a_server_started_with_nohup_outlives_its_terminal(tmp_path: Path) -> None:
    async with program(tmp_path, wrapper=("nohup",)) as running:
        running.process.send_signal(signal.SIGHUP)
        async with open_client(running.url, "Ann") as client:
            assert isinstance(await client.request(GetServerInfo()), ServerInfo)
        running.terminate()
        assert await running.process.wait() == 0


async def test_ctrl_c_signs_bots_out_and_prints_nothing(tmp_path: Path) -> None:
    async with program(tmp_path) as running:
        bots = await trio.lowlevel.open_process(
            [sys.executable, "-m", "gameserver", "bots", "--url", running.url, "--players", "2"],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert bots.stdout is not None
        await until(lambda: "match started" in running.log.read_text("utf-8"))
        bots.send_signal(signal.SIGINT)
        said = b""
        while more := await bots.stdout.receive_some():
            said += more
        assert await bots.wait() == 130
        await bots.stdout.aclose()
        assert said == b""
        signed_out = "signed out"
        await until(lambda: running.log.read_text("utf-8").count(signed_out) == 2)
