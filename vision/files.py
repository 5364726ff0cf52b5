"""Files of pictures and clips: written whole or not at all, named inside one folder."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path


def keep(data: bytes, folder: Path, name: str, at: datetime, suffix: str = ".jpg") -> str:
    """Writes the data under the day and answers its path inside `folder`."""
    inside = f"{at:%Y/%m/%d}/{name}{suffix}"
    write(folder / inside, data)
    return inside


def write(path: Path, data: bytes) -> None:
    """The file holds the data afterwards, or what it held before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    scratch = Path(file.name)
    scratch.chmod(0o640)
    scratch.replace(path)


def drop(folder: Path, *names: str) -> int:
    """Deletes the files that are named; how many there were."""
    gone = 0
    for name in filter(None, names):
        path = (folder / name).resolve()
        if path.is_relative_to(folder.resolve()) and path.is_file():
            path.unlink()
            gone += 1
    return gone
