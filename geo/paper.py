"""What every printed page shares: the house's faces, text styles, and the numbered foot.

The writer of PDFs is large: whoever prints imports this inside the function that does.
"""

from functools import lru_cache
from typing import Any

from django.conf import settings
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from geo.errors import Refused

PLAIN, BOLD = "BeVietnamPro", "BeVietnamPro-SemiBold"
FILES = {PLAIN: "BeVietnamPro-Regular.ttf", BOLD: "BeVietnamPro-SemiBold.ttf"}
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
PADDING = 6
"""What a frame of a page adds inside its margins, in points."""
INK, QUIET, LINE = HexColor("#101828"), HexColor("#475467"), HexColor("#d5dde8")


@lru_cache
def fonts_ready() -> bool:
    """True once both faces are known to the writer. Raises Refused: not-built."""
    try:
        for name, file in FILES.items():
            pdfmetrics.registerFont(TTFont(name, str(settings.FRONTEND_DIST / "fonts" / file)))
    except (TTFError, OSError) as error:
        message = "the fonts for print are missing: build the front end"
        raise Refused("not-built", message, status=503) from error
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    return True


def style(name: str, size: float, *, color: Any = INK, bold: bool = False, **more: Any) -> Any:
    """A style of paragraphs in the house's face."""
    face = BOLD if bold else PLAIN
    return ParagraphStyle(
        name, fontName=face, fontSize=size, leading=size * 1.42, textColor=color, **more
    )


class Numbered(Canvas):  # type: ignore[misc]
    """A canvas that knows at the end how many pages there are, and says so on each."""

    foot, page, face, margin = "", "{n}/{m}", "Helvetica", 0.0

    @classmethod
    def saying(cls, foot: str, page: str, face: str, margin: float) -> type["Numbered"]:
        said = {"foot": foot, "page": page, "face": face, "margin": margin}
        return type("Footed", (cls,), said)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for n, kept in enumerate(self._kept, 1):
            self.__dict__.update(kept)
            self._foot(n, len(self._kept))
            super().showPage()
        super().save()

    def _foot(self, n: int, m: int) -> None:
        width = self._pagesize[0]
        self.setFont(self.face, 7.5)
        self.setFillColor(QUIET)
        self.setStrokeColor(LINE)
        self.line(self.margin, 14 * mm, width - self.margin, 14 * mm)
        self.drawString(self.margin, 10 * mm, self.foot)
        self.drawRightString(width - self.margin, 10 * mm, self.page.format(n=n, m=m))
