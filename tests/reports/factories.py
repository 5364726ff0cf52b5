"""Reports and what they need, made through the real door."""

import base64
import io
import json
import uuid
from base64 import b64encode
from hashlib import sha256
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection
from PIL import Image

from geo.models import City, District
from ioc.accounts.models import Agency, User
from ioc.reports import actions
from ioc.reports.actions import moves
from ioc.reports.models import Category, Report

BOX = (107.0, 16.0, 108.2, 16.8)
HERE = (107.5909, 16.4637)


def make_city() -> City:
    bounds = Polygon.from_bbox(BOX)
    bounds.srid = 4326
    return City.objects.create(slug="hue", name_vi="Huế", name_en="Hue", bounds=bounds)


def make_district() -> District:
    area = Polygon.from_bbox((107.55, 16.43, 107.62, 16.49))
    return District.objects.create(
        code="thuan-hoa",
        name_vi="Thuận Hóa",
        name_en="Thuan Hoa",
        geom=MultiPolygon(area, srid=4326),
        label_point=area.centroid,
        area_km2=50,
    )


def make_category(code: str = "hygiene", **changes: Any) -> Category:
    values = {"name_vi": "Vệ sinh môi trường", "name_en": "Hygiene", "icon": "waste-basket"}
    return Category.objects.get_or_create(code=code, defaults=values | changes)[0]


def make_photo(size: tuple[int, int] = (640, 480), kind: str = "JPEG", **save: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (90, 140, 90)).save(out, kind, **save)
    return out.getvalue()


def solved(given: dict[str, Any], **changes: Any) -> str:
    """What a phone sends for a challenge: counted with nothing but the published rule."""
    number = next(
        n
        for n in range(given["maxnumber"] + 1)
        if sha256(f"{given['salt']}{n}".encode()).hexdigest() == given["challenge"]
    )
    kept = {name: given[name] for name in ("algorithm", "challenge", "salt", "signature")}
    return b64encode(json.dumps(kept | {"number": number} | changes).encode()).decode()


def make_agency(code: str = "cleaning", **changes: Any) -> Agency:
    values = {"name_vi": "Công ty Môi trường", "name_en": "Cleaning company"}
    return Agency.objects.get_or_create(code=code, defaults=values | changes)[0]


def make_staff(role: str, agency: Agency | None = None, *, name: str = "") -> User:
    """Somebody of this role, the same one again for the same name."""
    username = name or f"test-{role}{f'-{agency.code}' if agency else ''}"
    known = User.objects.filter(username=username).first()
    return known or User.objects.create_user(username, role=role, agency=agency)


def move(user: User, name: str, report: Report, **fields: Any) -> moves.Result:
    """One move of one case as it stands now."""
    now = Report.objects.get(pk=report.pk)
    items = [moves.Item(now.code, now.version)]
    return moves.perform(user, name, items, uuid.uuid4(), fields)[0]


def make_report(user: Any = None, **changes: Any) -> Report:
    make_category()
    values = {
        "client_key": uuid.uuid4(),
        "lon": HERE[0],
        "lat": HERE[1],
        "category": "hygiene",
        "words": "Rác chưa thu gom",
    }
    return actions.submit(actions.Draft(**(values | changes)), user=user)[0]


def kept() -> str:
    """All that the shared cache holds, keys and values, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM ioc_cache")
        rows = cursor.fetchall()
    return " ".join(
        f"{key} {value if value.startswith('=') else base64.b64decode(value)!r}"
        for key, value in rows
    )
