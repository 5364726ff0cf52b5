"""The sentence of the wall's tile: how many vessels are at sea."""

from datetime import timedelta
from typing import Any

from django.core.cache import caches
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from geo.text import Text
from vessels.kinds import DISTRESS, FISHING, UNDER_WAY
from vessels.models import LiveVessel

AT_SEA = (UNDER_WAY, FISHING, DISTRESS)
TREND_KEPT_S = 300
TREND = """
SELECT (SELECT count(DISTINCT vessel_id) FROM vessels_position
        WHERE observed_at >= hour AND observed_at < hour + interval '3 minutes' AND speed_kn > 0.5)
FROM generate_series(%s::timestamptz, %s::timestamptz, interval '1 hour') AS hour ORDER BY hour
"""


def at_sea(user: Any) -> list[dict[str, Any]]:
    """Vessels that move and were heard of lately; nothing for who may not see vessels."""
    row = LiveVessel.objects.visible_to(user).aggregate(
        heard=Count("pk"), n=Count("pk", filter=Q(state__in=AT_SEA)),
        fishing=Count("pk", filter=Q(state=FISHING)),
        distress=Count("pk", filter=Q(state=DISTRESS)),
        synthetic=Count("pk", filter=Q(synthetic=True)),
    )  # fmt: skip
    if not row["heard"]:
        return []
    vi = f"{row['n']} tàu đang chạy, {row['fishing']} đang đánh bắt"
    en = f"{row['n']} vessels at sea, {row['fishing']} fishing"
    if row["distress"]:
        vi, en = f"{vi}, {row['distress']} cấp cứu", f"{en}, {row['distress']} in distress"
    return [
        {
            "key": "vessels-at-sea", "title": Text("Tàu trên biển", "At sea").dict(),
            "value": row["n"], "unit": "", "text": Text(vi, en).dict(), "trend": trend(),
            "state": "extreme" if row["distress"] else "good", "layer": "vessels",
            "synthetic": row["synthetic"] > 0,
        }
    ]  # fmt: skip


def trend() -> list[int]:
    """Vessels that moved in the first minutes of each of the last 24 hours, oldest first."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)

    def count() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(TREND, [now - timedelta(hours=24), now - timedelta(hours=1)])
            return [n for (n,) in cursor.fetchall()]

    return caches["local"].get_or_set("vessels-trend", count, TREND_KEPT_S) or []
