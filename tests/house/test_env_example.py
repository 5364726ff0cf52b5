"""`.env.example` names every setting that the code reads, with the default that the code has."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READERS = {"env", "env_bool", "env_list"}
MAY_READ = {"ioc/settings.py", "ioc/__main__.py", "ioc/celery.py", "ioc/asgi.py"}
STARTERS = ("ioc/ops", "ioc/bench")  # they make environments for other processes
COMPUTED = {"IOC_VAR", "DATABASE_URL", "IOC_INSTALL"}  # the default depends on the machine


def read_by_settings() -> dict[str, str]:
    """Name and default of each environment variable that ioc/settings.py reads."""
    tree = ast.parse((ROOT / "ioc/settings.py").read_text())
    found = {}
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") in READERS):
            continue
        name, *rest = call.args
        if isinstance(name, ast.Constant):
            default = rest[0].value if rest and isinstance(rest[0], ast.Constant) else ""
            found[name.value] = str(int(default)) if isinstance(default, bool) else str(default)
            if call.func.id == "env_bool" and not rest:  # type: ignore[attr-defined]
                found[name.value] = "0"
    return found


def in_example() -> dict[str, str]:
    text = (ROOT / ".env.example").read_text()
    return dict(re.findall(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", text, re.M))


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    assert set(in_example()) == set(read_by_settings()) | {"IOC_INSTALL"}


def test_the_example_shows_the_true_defaults() -> None:
    written = in_example()
    wrong = {
        name: (default, written.get(name))
        for name, default in read_by_settings().items()
        if name not in COMPUTED and written.get(name) != default
    }
    assert wrong == {}


@pytest.mark.parametrize("folder", ["ioc", "geo", "layers", "vessels", "environment", "vision"])
def test_settings_alone_reads_the_environment(folder: str) -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"os\.(environ|getenv)", path.read_text())
        and not any(path.is_relative_to(ROOT / room) for room in STARTERS)
    }
    assert readers <= MAY_READ
