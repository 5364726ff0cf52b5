"""Words in the platform's two languages."""

from typing import NamedTuple

from django.utils.translation import get_language


class Text(NamedTuple):
    """One phrase in Vietnamese and English."""

    vi: str
    en: str

    def dict(self) -> dict[str, str]:
        return {"vi": self.vi, "en": self.en}

    def __str__(self) -> str:
        return self.vi if (get_language() or "vi").startswith("vi") else self.en
