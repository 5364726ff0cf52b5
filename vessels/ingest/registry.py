"""`ingest fleet PATH`: a registry list in CSV, good rows kept and bad ones set aside by name."""

from pathlib import Path
from typing import Any, TextIO

from geo.errors import Refused
from vessels import registry

MOST_BYTES = 64 * 1024 * 1024
SHOWN = 50


def run(path: str, *, stdout: TextIO, **options: Any) -> int:
    """Exit status: 0 if something went in, 1 if no row could be taken.

    Options: `name` (of the source), `synthetic`. Raises Refused, with what to do, for a file that
    is no text or too large.
    """
    file = Path(path)
    if file.stat().st_size > MOST_BYTES:
        raise Refused("too-large", f"{path} is larger than 64 MB; split it.")
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        raise Refused("not-utf8", f"{path} is not in UTF-8; save it as CSV UTF-8.") from None
    taken = registry.take_csv(
        text, source=options.get("name") or file.name, synthetic=bool(options.get("synthetic"))
    )
    for note in taken.notes:
        stdout.write(f"{note}\n")
    stdout.write(f"{taken.rows} vessels taken, {len(taken.bad)} rows set aside\n")
    for line, reason in taken.bad[:SHOWN]:
        stdout.write(f"  line {line}: {reason}\n")
    return 0 if taken.rows else 1
