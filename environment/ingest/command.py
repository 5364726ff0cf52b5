"""`ingest observations PATH`: a provider's CSV, in batches, with a report a person can act on."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from environment import actions, queries
from environment.ingest import formats
from environment.ingest import mapping as maps
from environment.models import Provider, Receipt

BATCH = 10_000
REASONS_SHOWN = 20


def run(
    path: str,
    *,
    stdout: TextIO,
    name: str = "",
    tz: str = "",
    station: list[str] | None = None,
    synthetic: bool = False,
    provider: str = "",
    **_options: Any,
) -> int:
    """0 when the file was read to its end, 1 when it could not be read, 2 for wrong options.

    `name`: who sends it (default: the file's name). `tz`: zone of times without an offset
    (default: the city's). `station`: `NAME IN THE FILE=CODE`, as often as needed. `synthetic`: the
    values are made up; they enter synthetic stations only.
    """
    file = Path(path)
    try:
        zone = ZoneInfo(tz) if tz else queries.zone()
        mapping = dict(_pair(text) for text in station or [])
        kept = _mapping(provider)
    except (KeyError, ValueError) as error:
        stdout.write(f"ingest observations: {error}\n")
        return 2
    receipt: Receipt | None = None
    outcome = actions.Outcome()
    known = queries.stations(mapping)
    try:
        rows = maps.read(file, kept) if kept else formats.read(file, zone)
        first = list(islice(rows, BATCH))  # a file with wrong columns leaves no receipt
        receipt = actions.open_receipt(
            source=name or provider or file.name,
            via=Receipt.Via.FILE,
            name=file.name,
            synthetic=synthetic,
        )
        outcome.add(actions.record(first, receipt=receipt, known=known))
        while batch := list(islice(rows, BATCH)):
            outcome.add(actions.record(batch, receipt=receipt, known=known))
    except formats.UnreadableFile as error:
        stdout.write(f"ingest observations: {error}\n")
        return 1
    for line in report(file.name, outcome):
        stdout.write(line + "\n")
    return 0


def report(name: str, outcome: actions.Outcome) -> list[str]:
    """What was taken, set right and set aside, a line each."""
    n = outcome.counts
    lines = [
        f"{name}: {n['accepted']} taken, {n['duplicate']} held already, {n['refused']} set aside"
        + (f", {n['flagged']} of those taken are flagged" if n["flagged"] else "")
    ]
    for (code, unit), count in outcome.notes.most_common():
        right = actions.parameters.PARAMETERS[code].unit
        lines.append(
            f"  {count} × {code} came in {unit}, which it cannot be: "
            f"read as {right}, the unit as received is kept"
        )
    for reason, count in outcome.reasons.most_common(REASONS_SHOWN):
        lines.append(f"  {count} × {reason}")
    more = len(outcome.reasons) - REASONS_SHOWN
    if more > 0:
        lines.append(f"  and {more} other reasons; see rows set aside in the admin")
    return lines


def _mapping(provider: str) -> maps.Mapping | None:
    if not provider:
        return None
    found = Provider.objects.filter(code=provider).first()
    if found is None:
        known = ", ".join(Provider.objects.values_list("code", flat=True)) or "none"
        raise ValueError(f"no provider is called {provider!r}; there are: {known}")
    return maps.mapping_of(found.mapping)


def _pair(text: str) -> tuple[str, str]:
    name, equals, code = text.rpartition("=")
    if not equals or not name or not code:
        raise ValueError(f"--station {text!r} is not like NAME=CODE")
    return name, code
