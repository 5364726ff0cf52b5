"""`ingest dangers PATH`: forecast danger areas from a GeoJSON file."""

from pathlib import Path
from typing import Any, TextIO

import orjson

from geo.errors import Refused
from vessels import dangers

MOST_BYTES = 64 * 1024 * 1024


def run(path: str, *, stdout: TextIO, **options: Any) -> int:
    """Exit status: 0 if an area went in, 1 if none could be taken.

    Options: `name` (the source of areas that name none), `synthetic`. Raises Refused, with what to
    do, for a file that is no GeoJSON or too large.
    """
    file = Path(path)
    if file.stat().st_size > MOST_BYTES:
        raise Refused("too-large", f"{path} is larger than 64 MB; split it.")
    try:
        collection = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as problem:
        raise Refused("bad-geojson", f"{path} is no GeoJSON: {problem}") from None
    taken = dangers.take(
        collection, source=options.get("name") or file.name,
        synthetic=bool(options.get("synthetic")),
    )  # fmt: skip
    stdout.write(f"{taken.rows} danger areas taken, {len(taken.bad)} set aside\n")
    for number, reason in taken.bad:
        stdout.write(f"  feature {number}: {reason}\n")
    return 0 if taken.rows else 1
