"""`bench ais`: sentences a second from a file to committed latest positions, beside pyais only
decoding the same file."""

import gzip
import re
import tempfile
import time
from functools import partial
from pathlib import Path

from ioc.ops.bench import Context, Figure
from ioc.ops.paths import ROOT

RECORDED = ROOT.parent / "shared/data/ais/ccom_2016-07-28.nmea.gz"
TIMES = 20
SHIFT_S = 600  # between the copies, so that every position is a new one


def run(ctx: Context) -> list[Figure]:
    """The figures, on the recorded file and on twenty times its length."""
    ctx.peer("pyais")
    figures = []
    with tempfile.TemporaryDirectory() as folder, ctx.database():
        once, often = Path(folder) / "once.nmea", Path(folder) / "often.nmea"
        name = _recorded(once)
        _repeat(once, often)
        warm = Path(folder) / "warm.nmea"
        warm.write_bytes(b"".join(once.read_bytes().splitlines(keepends=True)[:2000]))
        _ours(warm)
        for label, path in ((name, once), (f"{name} × {TIMES}", often)):
            _forget()
            rate, sentences = _ours(path)
            figures.append(
                Figure(
                    f"{label}: {sentences:,} sentences, file to committed latest position",
                    rate, "sentences/s", "pyais, only decoding", _peer(path, sentences), "≥ 0.5 ×",
                )
            )  # fmt: skip
        figures.append(Figure(f"{name}: decoding alone", *_decoded(once)))
    return figures


def _recorded(path: Path) -> str:
    """Write the recorded file unpacked; where it is missing, half a day of the simulation."""
    if RECORDED.exists():
        path.write_bytes(gzip.decompress(RECORDED.read_bytes()))
        return "recorded file"
    from ioc.demo import boats

    boats.backfill(path, hours=12)
    return "simulated file (the recorded one is not here)"


def _repeat(once: Path, often: Path) -> None:
    """Copies of a log one after the other, each later than the one before, checksums right."""
    tag = re.compile(rb"^\\([^\\*\r\n]*\bc:)(\d{10})([^\\*\r\n]*)\*..\\", re.MULTILINE)
    text = once.read_bytes()
    with often.open("wb") as out:
        for copy in range(TIMES):
            out.write(tag.sub(partial(_shifted, by_s=copy * SHIFT_S), text))


def _shifted(found: re.Match[bytes], by_s: int) -> bytes:
    body = found[1] + str(int(found[2]) + by_s).encode() + found[3]
    parity = 0
    for byte in body:
        parity ^= byte
    return b"\\" + body + b"*%02X\\" % parity


def _ours(path: Path) -> tuple[float, int]:
    from vessels.ingest.command import run_file
    from vessels.ingest.fleet import Fleet

    began = time.perf_counter()
    total = run_file(path, Fleet("bench", synthetic=True))
    return total.sentences / (time.perf_counter() - began), total.sentences


def _peer(path: Path, sentences: int) -> float:
    from pyais.exceptions import AISBaseException
    from pyais.stream import FileReaderStream

    began = time.perf_counter()
    for message in FileReaderStream(str(path)):
        try:
            message.decode()
        except AISBaseException:
            continue
    return sentences / (time.perf_counter() - began)


def _decoded(path: Path) -> tuple[float, str, str, float]:
    from vessels.ais.decode import Decoder
    from vessels.ingest.sources import chunks

    decoder, sentences, began = Decoder(), 0, time.perf_counter()
    with path.open("rb") as file:
        for chunk in chunks(file):
            sentences += decoder.feed(chunk, clock=0.0)[1].sentences
    rate = sentences / (time.perf_counter() - began)
    return rate, "sentences/s", "pyais", _peer(path, sentences)


def _forget() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE vessels_hot, vessels_archived, vessels_latest, vessels_rawbatch, "
            "vessels_rejectedline, vessels_vessel, vessels_feed, layers_pendingchange CASCADE"
        )
