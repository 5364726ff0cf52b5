"""Vessels, sentences and logs for tests."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ioc.accounts.models import User
from vessels.ais import encode
from vessels.ais.decode import Decoded, Decoder
from vessels.ingest import command

RECORDED = Path(__file__).resolve().parents[3] / "shared/data/ais/ccom_2016-07-28.nmea.gz"
COAST = Path(__file__).resolve().parents[3] / "shared/packs/hue/coast.geojson"
NOON = 1_790_000_000  # an epoch second in September 2026, in the past of every test


def decode(lines: bytes | Iterable[bytes]) -> Decoded:
    """What one block of lines holds."""
    text = lines if isinstance(lines, bytes) else b"".join(line + b"\r\n" for line in lines)
    return Decoder().decode(text, clock=0.0)


def said(
    mmsi: int = 574_001_234, lon: float = 107.8, lat: float = 16.6, *, at: int = NOON,
    speed_kn: float | None = 6.0, course_deg: float | None = 45.0, status: int | None = 0,
) -> bytes:  # fmt: skip
    """A position report with the time it was received at."""
    line = encode.position(
        mmsi, lon, lat, speed_kn=speed_kn, course_deg=course_deg, second=at % 60, status=status
    )
    return encode.tagged(line, at_s=at, station="test")


def ingest(tmp_path: Path, *lines: bytes, name: str = "test", **options: Any) -> str:
    """Take lines in as a file, and what the command said of it."""
    path = tmp_path / "log.nmea"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    out = io.StringIO()
    command.run(str(path), stdout=out, name=name, **options)
    return out.getvalue()


def make_user(role: str) -> User:
    """A person of a role."""
    return User.objects.create_user(username=role, email=f"{role}@example.org", role=role)
