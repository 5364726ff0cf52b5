"""Every new value of a public station, told to the process that holds the broker's line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from environment.said import interval, iso
from environment.sta.entities import observation_id

CHANNEL = "ioc_observations"
# A delivery larger than this is history: of each series the newest value alone is told.
MOST = 5_000

NEW = """
SELECT o.datastream_id, o.t, o.value, o.flag, o.result_time, o.valid_from, o.valid_to,
    o.parameters, o.provider_quality
FROM environment_observation o
JOIN environment_datastream d ON d.id = o.datastream_id
JOIN environment_sensor s ON s.id = d.sensor_id AND s.public
WHERE o.receipt_id = %(receipt)s AND o.t BETWEEN %(first)s AND %(last)s
  AND o.datastream_id = ANY(%(streams)s)
ORDER BY o.t
"""


def tell(receipt_id: int, readings: Iterable[Any]) -> None:
    """On commit the broker's process hears of these readings; nothing where there is no broker."""
    if not settings.IOC_MQTT_URL:
        return
    rows = list(readings)
    if not rows:
        return
    streams = sorted({r.datastream_id for r in rows})[:700]  # NOTIFY carries 8000 bytes
    note = {"receipt": receipt_id, "streams": streams,
            "first": min(r.t for r in rows).isoformat(),
            "last": max(r.t for r in rows).isoformat()}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps(note)])


def messages(note: str) -> Iterator[tuple[str, str]]:
    """Topic and payload of each value that a note tells of."""
    asked = json.loads(note)
    asked["first"] = datetime.fromisoformat(asked["first"])
    asked["last"] = datetime.fromisoformat(asked["last"])
    with connection.cursor() as cursor:
        cursor.execute(NEW, asked)
        rows = cursor.fetchall()
    if len(rows) > MOST:
        rows = list({row[0]: row for row in rows}.values())
    for stream, t, value, *judged in rows:
        body = {"@iot.id": observation_id(stream, t), "phenomenonTime": iso(t), "result": value,
                **_judged(t, *judged)}  # fmt: skip
        yield f"v1.1/Datastreams({stream})/Observations", json.dumps(body)


def _judged(
    t: datetime, flag: int, result_time: datetime | None, valid_from: datetime | None,
    valid_to: datetime | None, parameters: str | None, quality: str | None,
) -> dict[str, Any]:  # fmt: skip
    """resultTime and resultQuality, and what else the provider said."""
    found: dict[str, Any] = {"resultTime": iso(result_time or t), "resultQuality": {"flag": flag}}
    if quality is not None:
        found["resultQuality"]["given"] = json.loads(quality)
    if valid_from and valid_to:
        found["validTime"] = interval(valid_from, valid_to)
    if parameters:
        found["parameters"] = json.loads(parameters)
    return found
