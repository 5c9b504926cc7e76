import os
from pathlib import Path

import pytest

from tests.house.checkout import Checkout, make_checkout, make_program

WORKERS = len(os.sched_getaffinity(0)) + 1
"""The tests' worker processes."""


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return make_checkout(tmp_path)


def test_first_start_installs_under_the_constraints_and_second_installs_nothing(
    checkout: Checkout,
) -> None:
    assert checkout.run("server")[0] == 0
    assert [call.split()[-4:] for call in checkout.calls] == [["-c", "constraints.txt", "-e", "."]]
    code, _, errors = checkout.run("server")
    assert (code, errors) == (0, "")
    assert len(checkout.calls) == 1


def test_without_node_the_server_starts_and_says_how_browsers_get_pages(checkout: Checkout) -> None:
    (checkout.root / "client_web" / "src").mkdir(parents=True)
    code, output, errors = checkout.run("server")
    assert code == 0
    assert output.endswith("-m gameserver serve\n")
    assert "setup: no pages for browsers: install Node 18 or newer" in errors.splitlines()[-1]


def test_pages_are_built_once_and_again_after_a_change(checkout: Checkout) -> None:
    web, built = checkout.root / "client_web", checkout.tools.parent / "built"
    (web / "src").mkdir(parents=True)
    make_program(checkout.tools / "npm", "#!/bin/sh\nmkdir -p node_modules\n")
    make_program(
        checkout.tools / "node",
        f'#!/bin/sh\ncase "$*" in *build) echo "$*" >>"{built}"; mkdir -p dist ;; esac\n',
    )
    (checkout.tools / "mkdir").symlink_to("/bin/mkdir")
    for text in ("one", "one", "two"):
        (web / "src" / "main.tsx").write_text(text, "utf-8")
        assert checkout.run("server")[0] == 0
    assert built.read_text("utf-8").splitlines() == ["node_modules/vite/bin/vite.js build"] * 2


def test_pages_need_fewer_packages_than_tests_which_keep_theirs(checkout: Checkout) -> None:
    log = checkout.tools.parent / "npm"
    make_program(
        checkout.tools / "npm",
        f'#!/bin/sh\necho "${{PWD##*/}} $*" >>"{log}"\nmkdir -p node_modules\n',
    )
    make_program(checkout.tools / "node", '#!/bin/sh\ncase "$*" in *build) mkdir -p dist ;; esac\n')
    (checkout.tools / "mkdir").symlink_to("/bin/mkdir")
    for name in ("client_js", "client_web"):
        (checkout.root / name / "src").mkdir(parents=True)
        (checkout.root / name / "package.json").write_text("{}", "utf-8")

    def installed(script: str) -> list[tuple[str, bool]]:
        """Run a script; return the folders that it installed in, and whether for pages alone."""
        log.write_text("", "utf-8")
        assert checkout.run(script)[0] == 0
        calls = [each.split() for each in log.read_text("utf-8").splitlines()]
        return [(folder, "--omit=dev" in options) for folder, *options in calls]

    assert installed("server") == [("client_js", True), ("client_web", True)]
    assert installed("server") == []
    assert installed("test") == [("client_js", False), ("client_web", False)]
    (checkout.root / "client_web" / "package.json").write_text("{} ", "utf-8")
    assert installed("server") == [("client_web", False)]


def test_changed_dependencies_are_installed_at_the_next_start(checkout: Checkout) -> None:
    checkout.run("server")
    with (checkout.root / "constraints.txt").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    checkout.run("server")
    assert len(checkout.calls) == 2


def test_the_environment_for_tests_suffices_for_server_and_client_and_not_vice_versa(
    checkout: Checkout, tmp_path: Path
) -> None:
    checkout.run("server")
    checkout.run("client")
    checkout.run("test")
    assert [call.split()[-1] for call in checkout.calls] == [".", ".[client]", ".[dev]"]
    (tmp_path / "calls").unlink()
    with (checkout.root / "constraints.txt").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    for script in ("test", "client", "server"):
        checkout.run(script)
    assert [call.split()[-1] for call in checkout.calls] == [".[dev]"]


def test_failed_installation_shows_why_and_is_tried_again(checkout: Checkout) -> None:
    code, output, errors = checkout.run("server", PIP_STATUS="1")
    assert code == 1
    assert "pip says no" in errors
    assert "setup failed: packages could not be installed" in errors
    assert output == ""
    assert checkout.run("server")[0] == 0
    assert len(checkout.calls) == 2


def test_scripts_that_start_at_once_install_once(checkout: Checkout) -> None:
    processes = [checkout.start("client") for _ in range(4)]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert len(checkout.calls) == 1


@pytest.mark.parametrize(
    ("script", "module"), [("server", "-m gameserver serve"), ("client", "-m client_demo")]
)
def test_a_script_replaces_itself_by_the_program_in_the_callers_folder(
    checkout: Checkout, tmp_path: Path, script: str, module: str
) -> None:
    process = checkout.start(script, "--name", "two words", cwd=tmp_path)
    output, _ = process.communicate(timeout=60)
    assert output == f"{process.pid}|{tmp_path}|{module} --name two words\n"


def test_every_check_runs_and_arguments_go_to_pytest(checkout: Checkout) -> None:
    code, output, errors = checkout.run("test", "-k", "lobby")
    assert code == 0
    *lines, stories = output.splitlines()
    assert stories.endswith("|-m gameserver.testing.simulate --seeds 3 --new 5 --jobs 1")
    assert lines == [
        "ruff format --check --quiet .",
        "ruff check --quiet .",
        "lint-imports --no-logo",
        f"pytest -q -n {WORKERS} --dist worksteal -k lobby",
        "mypy ",
        "sphinx-build -q -W --keep-going -j auto -d build/docs.cache docs build/docs",
        f"the site is in {checkout.root}/build/docs/index.html",
    ]
    assert [line.split()[-1] for line in errors.splitlines()[-9:]] == ["ok"] * 9


def test_without_arguments_all_tests_are_measured_and_too_little_coverage_fails(
    checkout: Checkout,
) -> None:
    code, output, errors = checkout.run("test")
    assert code == 0
    assert [line for line in output.splitlines() if "coverage" in line] == [
        "coverage erase",
        f"coverage run -m pytest -q -n {WORKERS} --dist worksteal",
        "coverage combine -q",
        "coverage report",
    ]
    assert [line.split()[-1] for line in errors.splitlines()[-10:]] == ["ok"] * 10
    code, _, errors = checkout.run("test", FAILING="coverage report")
    assert code == 1
    assert errors.splitlines()[-1].split()[::3] == ["covered", "FAILED"]


@pytest.mark.parametrize(
    ("failing", "row"),
    [("mypy", "types"), ("lint-imports", "imports"), ("sphinx-build", "docs"), ("pytest", "tests")],
)
def test_failed_check_fails_the_run_after_the_others_have_run(
    checkout: Checkout, failing: str, row: str
) -> None:
    code, output, errors = checkout.run("test", "-x", FAILING=failing)
    assert code == 1
    assert "pytest -q" in output
    failed = [line.split()[0] for line in errors.splitlines() if line.endswith("FAILED")]
    assert failed == [row]


def test_environment_of_a_moved_checkout_is_not_used(checkout: Checkout, tmp_path: Path) -> None:
    checkout.run("server")
    moved = Checkout(tmp_path / "moved", checkout.tools)
    checkout.root.rename(moved.root)
    code, output, errors = moved.run("server")
    assert (code, output) == (1, "")
    assert "no Python 3.11 or newer was found" in errors


def test_uv_installs_where_it_is_present(checkout: Checkout, tmp_path: Path) -> None:
    make_program(checkout.tools / "uv", f'#!/bin/sh\necho "uv $*" >>"{tmp_path / "calls"}"\n')
    assert checkout.run("client")[0] == 0
    python = checkout.root / ".venv" / "bin" / "python"
    assert checkout.calls == [
        f"uv pip install -q --python {python} -c constraints.txt -e .[client]"
    ]
