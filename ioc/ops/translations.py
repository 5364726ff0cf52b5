"""`python -m ioc.ops.translations FILE.po …`: compile each beside its source."""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogue(source: Path) -> Path:
    """The .mo file written from a .po file."""
    with source.open("rb") as text:
        catalogue = read_po(text, locale=source.parts[-3], abort_invalid=True)
    made = source.with_suffix(".mo")
    with made.open("wb") as file:
        write_mo(file, catalogue)
    return made


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        compile_catalogue(Path(argument))
