"""`python -m ioc.ops.lock`: write ioc/ops/locks/*.txt from the direct pins and what is installed.

The lock of a group holds the whole closure of its pins, over every supported Python, so that
`pip install --no-deps` takes exactly these versions without asking an index to resolve them.
PyTorch is left out: its build, and with it its own needs, differ by platform.
"""

import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = Path(__file__).with_name("locks")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
OWN_STEP = {"torch", "torchvision"}


def direct_pins() -> dict[str, list[Requirement]]:
    """The direct dependencies by group, as pyproject.toml pins them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = {"main": project["project"]["dependencies"], **project["dependency-groups"]}
    return {name: [Requirement(text) for text in pins] for name, pins in groups.items()}


def applies(need: Requirement, extras: set[str]) -> bool:
    """Whether a requirement counts under any supported Python."""
    if need.marker is None:
        return True
    return any(
        need.marker.evaluate(
            {"python_version": python, "python_full_version": f"{python}.0", "extra": extra}
        )
        for python in PYTHONS
        for extra in extras or {""}
    )


def closure(pins: list[Requirement]) -> dict[str, str]:
    """What the pins need, with the version installed. Raises: PackageNotFoundError."""
    found: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    queue = [(pin, True) for pin in pins]
    while queue:
        need, direct = queue.pop()
        name, extras = canonicalize_name(need.name), frozenset(need.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            installed = version(name)
        except PackageNotFoundError:
            if direct:
                raise
            print(f"not installed here, left out: {need}", file=sys.stderr)
            continue
        if name not in OWN_STEP:
            found[name] = installed.split("+")[0]
        wanted = (Requirement(text) for text in requires(name) or [])
        queue += [(each, False) for each in wanted if applies(each, set(extras))]
    return found


def locks() -> dict[str, str]:
    """The text of each lock file by group."""
    main: set[str] = set()
    texts = {}
    for group, pins in direct_pins().items():
        try:
            found = closure(pins)
        except PackageNotFoundError as missing:
            print(f"{group}: {missing}; its lock stays as it is", file=sys.stderr)
            continue
        if group == "main":
            main = set(found)
        # Tests and benchmarks are installed beside the main packages, each without the other.
        new = sorted(found if group in {"node", "main"} else set(found) - main)
        lines = "".join(f"{name}=={found[name]}\n" for name in new)
        texts[group] = (
            f"# Written by python -m ioc.ops.lock; the direct pins are in pyproject.toml.\n{lines}"
        )
    return texts


if __name__ == "__main__":
    for group, text in locks().items():
        (LOCKS / f"{group}.txt").write_text(text)
