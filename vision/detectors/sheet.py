"""Models that a city brings or trains: a file of weights beside a sheet that says what it is.

`NAME.json` in the model folder: builder, file, sha256, licence, classes by id, and from what it
came. Only with a licence and an unchanged file is a model loaded.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vision.detectors.weights import WeightsMissing, sha256

OWN = "ssdlite-mobilenetv2"
ONNX = "onnx"


@dataclass(frozen=True)
class Sheet:
    """`builder`: a torchvision detection builder's name, `ssdlite-mobilenetv2` or `onnx`."""

    name: str
    builder: str
    file: str
    sha256: str
    licence: str
    classes: dict[int, str]
    source: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        path = folder / f"{self.name}.json"
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False))
        return path

    def weights(self, folder: Path) -> Path:
        """The file, unchanged. Raises WeightsMissing."""
        path = folder / Path(self.file).name
        if not path.is_file():
            raise WeightsMissing(f"{self.name}: {path.name} is not in {folder}")
        if sha256(path) != self.sha256:
            raise WeightsMissing(f"{self.name}: {path.name} is not the file that its sheet names")
        return path


def known(folder: Path) -> dict[str, Sheet]:
    """The sheets in a folder by name; files that are none are passed over."""
    found = {}
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        try:
            values = json.loads(path.read_text())
            classes = {int(number): str(word) for number, word in values["classes"].items()}
            sheet = Sheet(**(values | {"classes": classes}))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        if sheet.name == path.stem and sheet.licence:
            found[sheet.name] = sheet
    return found


def describe(
    folder: Path, name: str, builder: str, file: Path, licence: str, classes: dict[int, str],
    **source: Any,
) -> Sheet:  # fmt: skip
    """The sheet of a file that lies in the folder, written beside it."""
    if not licence.strip():
        raise ValueError("a model needs its licence: without one nobody may use it")
    made = Sheet(name, builder, file.name, sha256(file), licence, classes, source)
    made.write(folder)
    return made
