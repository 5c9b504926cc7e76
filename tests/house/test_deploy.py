"""What is kept for operators fits the program: files, flags, ports and names."""

import configparser
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import click
import pytest

from gameserver.cli import serve
from gameserver.service.config.settings import Settings
from gameserver.service.config.values import FIELDS
from tests.house.checkout import ROOT

DEPLOY = ROOT / "deploy"
OPERATING = (ROOT / "docs" / "operating.md").read_text("utf-8")

DOCKER = shutil.which("docker")
ENGINE = (
    DOCKER is not None
    and subprocess.run([DOCKER, "info"], capture_output=True, timeout=60, check=False).returncode
    == 0
)


def flags_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", text))


def test_every_file_of_the_deploy_folder_is_on_the_operators_page() -> None:
    for path in DEPLOY.iterdir():
        if not path.name.endswith(".dockerignore"):
            assert f"../deploy/{path.name}" in OPERATING, path.name


def test_the_unit_starts_the_program_with_flags_that_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(DEPLOY / "gameserver.service")
    program, command, *arguments = shlex.split(unit["Service"]["ExecStart"])
    assert (Path(program).name, command) == ("gameserver", "serve")
    monkeypatch.setattr("sys.argv", ["gameserver", "serve"])
    known = {option for param in serve.build().params for option in param.opts}
    assert {each for each in arguments if each.startswith("--")} <= known
    assert int(unit["Service"]["TimeoutStopSec"]) > Settings().stop_after_s
    assert unit["Service"]["RestartPreventExitStatus"] == "2"


@pytest.mark.parametrize("file", ["nginx.conf", "Caddyfile"])
def test_a_configuration_of_a_proxy_names_existing_flags_and_the_default_port(file: str) -> None:
    text = (DEPLOY / file).read_text("utf-8")
    assert {flag.replace("-", "_") for flag in flags_in(text)} <= set(FIELDS)
    assert f"127.0.0.1:{Settings().port}" in text
    assert "/metrics" in text


def test_the_image_contains_all_files_of_which_a_wheel_is_built() -> None:
    lines = (DEPLOY / "Dockerfile").read_text("utf-8")
    copying = re.findall(r"^COPY (?!--)(.*)$", lines, re.MULTILINE)
    copied = {word for line in copying for word in line.split()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*wheel["packages"], *wheel["force-include"], "pyproject.toml", "README.md"} <= copied
    sent = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert copied - {"./"} <= {line.removeprefix("!") for line in sent}
    assert f"EXPOSE {Settings().port}" in lines


def test_every_setting_named_on_the_page_exists() -> None:
    options = {each for command in commands() for each in options_of(command)}
    ours = [line for line in OPERATING.splitlines() if "script/attack" not in line]
    named = flags_in("\n".join(ours)) - {"ulimit"}
    assert named <= options | {"help"}


def commands() -> list[click.Command]:
    from gameserver.cli import bots, stats  # noqa: PLC0415  the other commands of the page

    return [serve.build(), bots.build(), stats.build()]


def options_of(command: click.Command) -> set[str]:
    return {option.removeprefix("--") for param in command.params for option in param.opts}


if ENGINE:

    def test_the_image_can_be_built_runs_is_healthy_and_stops_cleanly() -> None:
        def docker(*arguments: str) -> str:
            done = subprocess.run(
                ["docker", *arguments], capture_output=True, text=True, timeout=600, check=False
            )
            assert done.returncode == 0, done.stderr
            return done.stdout.strip()

        tag = "gameserver-test"
        docker("build", "-q", "-f", str(DEPLOY / "Dockerfile"), "-t", tag, str(ROOT))
        container = docker("run", "-d", tag, "--name", "In a box")
        try:
            check = "from urllib.request import urlopen as o; print(o('http://127.0.0.1:7777/health').read())"
            for _ in range(60):
                done = subprocess.run(
                    ["docker", "exec", container, "/app/bin/python", "-c", check],
                    capture_output=True,
                    text=True,
                    timeout=60,
                    check=False,
                )
                if done.returncode == 0:
                    break
            assert "ok" in done.stdout
            docker("stop", "-t", "15", container)
            state = docker("inspect", "-f", "{{.State.ExitCode}}", container)
            assert state == "0"
        finally:
            subprocess.run(["docker", "rm", "-f", container], capture_output=True, check=False)
