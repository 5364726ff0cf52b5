"""Everything a person may read is there in Vietnamese."""

from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("geo", "layers", "ioc", "vessels", "environment", "vision", "frontend")
CALLS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2)}


def sources() -> dict[str, str]:
    """Each phrase in the code with one place that says it."""
    found = {}
    for room in ROOMS:
        for file, line, message, *_ in extract_from_dir(
            ROOT / room, [("**.py", "python")], keywords=CALLS,
            directory_filter=lambda path: "node_modules" not in path,
        ):  # fmt: skip
            found[message if isinstance(message, str) else message[0]] = f"{room}/{file}:{line}"
    return found


def test_every_phrase_has_its_vietnamese() -> None:
    known = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("locale/vi/LC_MESSAGES/django.po"):
            with path.open("rb") as file:
                known |= {m.id for m in read_po(file, locale="vi") if m.id and m.string}
    missing = {words: place for words, place in sources().items() if words not in known}
    assert missing == {}
