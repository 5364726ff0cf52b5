from datetime import date
from typing import Any

from ioc.billboards import actions
from ioc.billboards.models import Billboard


def make_billboard(code: str = "bb-1", until: date | None = None, **fields: Any) -> Billboard:
    """A static board with permit GP-1 until a date."""
    defaults = {
        "name_vi": "Bảng Hùng Vương", "name_en": "Hung Vuong board", "kind": "static",
        "lon": 107.59, "lat": 16.46, "permit_no": "GP-1", "permit_until": until,
    }  # fmt: skip
    return actions.register(code=code, **{**defaults, **fields})[0]
