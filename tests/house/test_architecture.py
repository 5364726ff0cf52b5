"""The house rules that a machine can hold."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]


def run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *argv], cwd=ROOT, capture_output=True, text=True)


def test_imports_go_downward() -> None:
    code = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_of_ioc_has_its_line_in_the_contract() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    named = set(re.findall(r"ioc\.(\w+)", " ".join(contract["contracts"][0]["layers"])))
    here = {path.stem for path in (ROOT / "ioc").glob("[!_]*.py")}
    here |= {path.parent.name for path in (ROOT / "ioc").glob("*/__init__.py")}
    assert here - {"migrations"} <= named


def test_ruff_finds_nothing() -> None:
    done = run("ruff", "check", ".")
    assert done.returncode == 0, done.stdout
    done = run("ruff", "format", "--check", ".")
    assert done.returncode == 0, done.stdout


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=3)


def test_ci_runs_what_the_readme_tells() -> None:
    lines = (ROOT / ".ci/run").read_text().splitlines()
    assert lines[-1] == "python3 -m ioc test"
    assert (ROOT / ".ci/run").stat().st_mode & 0o100
