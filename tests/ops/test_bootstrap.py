"""The half that runs before anything is installed."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ioc import __main__ as bootstrap
from ioc.__main__ import Stamps, Stop
from ioc.ops.translations import compile_catalogue

ROOT = Path(__file__).resolve().parents[2]
SOURCE = (ROOT / "ioc/__main__.py").read_text()


def test_it_uses_the_standard_library_alone() -> None:
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else name.name
        for node in ast.walk(ast.parse(SOURCE))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported <= set(sys.stdlib_module_names) | {"__future__"}


def test_nothing_else_is_imported_before_it() -> None:
    assert (ROOT / "ioc/__init__.py").read_text().strip() == ""


def test_what_was_done_is_not_done_again(tmp_path: Path) -> None:
    stamps, done = Stamps(tmp_path / "stamp.json"), []
    for key in ("a", "a", "b"):
        stamps.once("step", key, lambda key=key: done.append(key))
    assert done == ["a", "b"]


def test_what_failed_is_done_again(tmp_path: Path) -> None:
    stamps = Stamps(tmp_path / "stamp.json")
    with pytest.raises(ZeroDivisionError):
        stamps.once("step", "a", lambda: 1 / 0)
    assert stamps.read() == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({"PYTHONDONTWRITEBYTECODE": "1"}, {"PYTHONPYCACHEPREFIX": str(ROOT / "var/bytecode")}),
        (
            {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "/x"},
            {"PYTHONPYCACHEPREFIX": "/x"},
        ),
    ],
)
def test_code_is_compiled_once_and_not_beside_sources(
    before: dict[str, str], after: dict[str, str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(bootstrap.os, "environ", dict(before))
    bootstrap.keep_bytecode()
    assert bootstrap.os.environ == after


def test_a_failing_command_says_what_to_do(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(bootstrap, "LOGS", tmp_path)
    with pytest.raises(Stop) as told:
        bootstrap.run(
            "log", sys.executable, "-c", "print('why'); raise SystemExit(3)", hint="Do X."
        )
    assert all(part in str(told.value) for part in ("code 3", "Do X.", "why", str(tmp_path)))
    with pytest.raises(Stop, match="could not be run.*Do X"):
        bootstrap.run("log", "/no/such/program", hint="Do X.")


def test_without_rights_it_names_the_packages(monkeypatch: Any) -> None:
    monkeypatch.setattr(bootstrap, "rights", lambda: None)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(Stop, match="sudo apt-get install postgresql-15 postgresql-15-postgis-3"):
        bootstrap.apt_install("postgresql-15", "postgresql-15-postgis-3")
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(Stop, match="not Debian or Ubuntu"):
        bootstrap.apt_install("chromium")


def test_apt_is_tried_again_with_fresh_lists(monkeypatch: Any) -> None:
    ran: list[tuple[Any, ...]] = []

    def run(log: str, *argv: Any, hint: str) -> None:
        ran.append(argv)
        if len(ran) == 1:
            raise Stop("404")

    monkeypatch.setattr(bootstrap, "rights", lambda: ["sudo", "-n"])
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap, "run", run)
    bootstrap.apt_install("chromium")
    assert [("update" in argv, "install" in argv) for argv in ran] == [
        (False, True), (True, False), (False, True)
    ]  # fmt: skip
    assert all(argv[:2] == ("sudo", "-n") for argv in ran)


def test_the_first_failure_of_many_is_told() -> None:
    def fail() -> None:
        raise Stop("this one")

    with pytest.raises(Stop, match="this one"):
        bootstrap.together((lambda: None, fail), (lambda: None,))


def test_an_env_file_stands_under_the_environment(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / ".env").write_text("# words\nIOC_ONE=1\nIOC_TWO='2'\n\n#IOC_THREE=3\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap.os, "environ", environ := {"IOC_ONE": "mine"})
    bootstrap.read_env_file()
    assert environ == {"IOC_ONE": "mine", "IOC_TWO": "2"}


def test_help_and_unprepared_clones(tmp_path: Path) -> None:
    package = tmp_path / "ioc"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(SOURCE)
    done = subprocess.run(
        [sys.executable, "-m", "ioc", "status"], cwd=tmp_path, capture_output=True, text=True,
        env={"PATH": "/usr/bin:/bin"}, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "python3 -m ioc up" in done.stderr


def test_translations_are_compiled_beside_their_source(tmp_path: Path) -> None:
    import gettext

    source = tmp_path / "locale/vi/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "ward"\nmsgstr "phường"\n'
    )
    with compile_catalogue(source).open("rb") as made:
        assert gettext.GNUTranslations(made).gettext("ward") == "phường"
