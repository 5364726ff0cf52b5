"""One run on paper: an A4 report with its map, figures, method and sources, for who has no screen.

The writer of PDFs is large: this module is imported when somebody prints.
"""

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import shapely
from django.utils import timezone
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Paragraph, Spacer, Table
from reportlab.platypus.doctemplate import SimpleDocTemplate

from geo import crs
from geo.models import District
from geo.paper import BOLD, LINE, MARGIN, PADDING, PLAIN, QUIET, WIDTH, Numbered, fonts_ready, style
from ioc.planning import gathering
from ioc.planning.models import Run
from ioc.planning.report_map import ALPHA, Drawn, Ground, Sheet, land_of, metric
from ioc.planning.report_told import Legend, Told, crs_name, moment, told
from ioc.planning.report_words import kind_of, number

MOST_DRAWN = 4_000
MAP_H = (78 * mm, 118 * mm)
SIDE = 44 * mm
GAP = 4 * mm
TINT = HexColor("#f6f8fb")
HEAD = style("head", 10.5, bold=True, spaceBefore=5 * mm, spaceAfter=1.5 * mm, keepWithNext=True)
TITLE, LEAD = style("title", 19, bold=True), style("lead", 11)
BODY, SMALL = style("body", 9), style("small", 7.8, color=QUIET)
FIGURE, STRONG = style("figure", 12, bold=True), style("strong", 8.5, bold=True)
TINY = style("tiny", 7.8)
NO_PAD = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0),
          ("TOPPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, -1), "TOP")]  # fmt: skip


class Swatch(Flowable):  # type: ignore[misc]
    """The colour of a kind as the map shows it."""

    def __init__(self, colour: str):
        super().__init__()
        self.colour, self.width, self.height = colour, 9, 9

    def wrap(self, *_room: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        self.canv.saveState()
        self.canv.setFillColor(HexColor(self.colour))
        self.canv.setFillAlpha(ALPHA)
        self.canv.setStrokeColor(LINE)
        self.canv.roundRect(0, -1.5, 9, 9, 1.5, stroke=1, fill=1)
        self.canv.restoreState()


def pdf(run: Run, language: str) -> bytes:
    """The report of a run that is done, as a PDF in ``language`` (vi, en).

    Raises Refused: not-done, or not-built where the fonts are missing.
    """
    fonts_ready()
    said = told(run, language)
    sheet, drawn = _sheet(run)
    story = [*_top(said, run), *_map(said, sheet, drawn), *_found(said), *_method(said)]
    story += _proof(said)
    out = io.BytesIO()
    foot = " · ".join(filter(None, [
        said.title[:60], said.say("printed", at=moment(timezone.now())),
        said.say("synthetic") if said.synthetic else "",
    ]))  # fmt: skip
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN - PADDING, rightMargin=MARGIN - PADDING,
        topMargin=15 * mm, bottomMargin=20 * mm, title=said.title, author="IOC",
        subject=said.question, lang=language,
    )  # fmt: skip
    maker = Numbered.saying(foot, said.say("page", n="{n}", m="{m}"), PLAIN, MARGIN)
    document.build(story, canvasmaker=maker)
    return out.getvalue()


def _sheet(run: Run) -> tuple[Sheet, int]:
    """The map, and how many results are on it."""
    rows = run.results.order_by("rank").values_list("geom", "kind", "rank")[:MOST_DRAWN]
    drawn = []
    for geom, kind, rank in rows:
        shape = metric(geom)
        label = str(rank) if kind == "site" else ""
        alpha = 0.4 if kind == "ring" else ALPHA  # rings lie over each other
        drawn.append(Drawn(shape, kind_of(kind, run.figures)[1], label, alpha))
    here = crs.city()
    land = land_of(here.pack_digest) if here is not None else None
    wards = [(ward.name_vi, metric(ward.geom)) for ward in District.objects.filter(retired_at=None)]
    asked = run.asked.get("area")
    area = _area(run, asked) if asked else None
    land = metric(land) if land is not None else None
    ground = Ground(land, wards, area, whole=area is None)
    if area is None and wards:
        ground = Ground(land, wards, shapely.union_all([border for _, border in wards]), whole=True)
    return Sheet(ground, drawn, WIDTH - SIDE - GAP, MAP_H), len(drawn)


def _area(run: Run, asked: Any) -> Any:
    """The area asked about, in metres; None where it is not there any more."""
    from geo.errors import Refused

    try:
        return metric(gathering.area_of(run.asker, asked)[1])
    except Refused:
        return None


def _text(words: str) -> str:
    return escape(words).replace("\n", "<br/>")


def _top(said: Told, run: Run) -> list[Flowable]:
    here = crs.city()
    city = "" if here is None else here.name_en if said.language == "en" else here.name_vi
    kicker = " · ".join(filter(None, [said.say("report"), city, moment(run.ended_at)]))
    mark = f' · <font name="{BOLD}" color="#8a5200">{said.say("synthetic")}</font>'
    lines: list[Flowable] = [
        Paragraph(_text(kicker) + (mark if said.synthetic else ""), SMALL),
        Paragraph(_text(said.title), TITLE),
    ]
    if said.title != said.method[0]:
        lines.append(Paragraph(_text(said.method[0]), STRONG))
    return [*lines, Spacer(0, 1.5 * mm), Paragraph(_text(said.question), LEAD), Spacer(0, 3 * mm)]


def _map(said: Told, sheet: Sheet, drawn: int) -> list[Flowable]:
    legend = [_legend_row(one, said.language) for one in said.legend[:14]]
    beside: list[Any] = [Paragraph(said.say("legend"), STRONG), Spacer(0, 1 * mm)]
    if legend:
        beside.append(_bare(legend, [13, SIDE - 13 - 13 * mm, 13 * mm]))
    else:
        beside.append(Paragraph(said.say("gone" if said.gone else "nothing"), TINY))
    if drawn < said.results:
        words = said.say("drawn", n=number(drawn, said.language),
                         all=number(said.results, said.language))  # fmt: skip
        beside += [Spacer(0, 2 * mm), Paragraph(words, SMALL)]
    beside += [Spacer(0, 4 * mm), Paragraph(said.say("figures"), STRONG)]
    for label, value in said.figures[:10]:
        beside += [Paragraph(_text(label), SMALL), Paragraph(_text(value), FIGURE)]
    scale = said.say("scale", n=number(round(sheet.denominator, -3), said.language))
    under = f"{crs_name(crs.metric_srid())} · {scale}"
    left = [sheet, Spacer(0, 1 * mm), Paragraph(_text(under), SMALL)]
    both = Table([[left, beside]], colWidths=[WIDTH - SIDE, SIDE], style=NO_PAD, hAlign="LEFT")
    notes = [Paragraph(_text(note), BODY) for note in said.notes]
    return [both, Spacer(0, 2 * mm), *notes]


def _legend_row(one: Legend, language: str) -> list[Flowable]:
    count = style("count", 8, bold=True, alignment=2)
    return [Swatch(one.colour), Paragraph(_text(one.words), TINY),
            Paragraph(number(one.count, language), count)]  # fmt: skip


def _bare(rows: list[Any], widths: list[float]) -> Table:
    return Table(rows, colWidths=widths, style=[*NO_PAD, ("BOTTOMPADDING", (0, 0), (-1, -1), 1)],
                 hAlign="LEFT")  # fmt: skip


def _found(said: Told) -> list[Flowable]:
    if not said.rows:
        return []
    title = said.say("table", shown=len(said.rows), all=number(said.results, said.language))
    many = len(said.head) - 3
    figure = 17 * mm if many <= 4 else 13.5 * mm
    place = min(70 * mm, WIDTH - 9 * mm - 34 * mm - figure * many)
    kind = WIDTH - 9 * mm - place - figure * many
    widths = [9 * mm, place, kind, *[figure] * many]
    return [*_heading(title), _ruled([said.head, *said.rows], widths, right_from=3)]


def _heading(title: str) -> list[Flowable]:
    """A heading over a table that may go on overleaf: some rows stay with it."""
    loose = style("loose", 10.5, bold=True, spaceBefore=5 * mm, spaceAfter=1.5 * mm)
    return [CondPageBreak(40 * mm), Paragraph(title, loose)]


def _ruled(rows: Sequence[Sequence[str]], widths: list[float], right_from: int) -> Table:
    """A table whose first row heads it and comes again on the next page."""
    right = style("right", 7.8, alignment=2)
    right_head = style("right-head", 7.8, bold=True, alignment=2)
    head = style("table-head", 7.8, bold=True)
    cells = []
    for n, row in enumerate(rows):
        plain, figure = (TINY, right) if n else (head, right_head)
        cells.append([
            Paragraph(_text(value), figure if column >= right_from else plain)
            for column, value in enumerate(row)
        ])  # fmt: skip
    look = [
        ("BACKGROUND", (0, 0), (-1, 0), TINT), ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ("LEFTPADDING", (0, 0), (-1, -1), 3), ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]  # fmt: skip
    return Table(cells, colWidths=widths, style=look, repeatRows=1, hAlign="LEFT")


def _method(said: Told) -> list[Flowable]:
    title, explanation = said.method
    story: list[Flowable] = [
        Paragraph(said.say("method"), HEAD),
        Paragraph(f'<font name="{BOLD}">{_text(title)}.</font> {_text(explanation)}', BODY),
    ]
    if said.parameters:
        head = [said.say(key) for key in ("parameter", "value", "meaning")]
        widths = [40 * mm, 30 * mm, WIDTH - 70 * mm]
        story += [Spacer(0, 2 * mm), _ruled([head, *said.parameters], widths, right_from=9)]
    story += _listed(said.say("caveats"), said.caveats)
    return story + _listed(said.say("references"), said.references)


def _listed(title: str, lines: Sequence[str]) -> list[Flowable]:
    if not lines:
        return []
    dots = style("dots", 8.5, leftIndent=9, bulletIndent=1)
    return [Paragraph(title, HEAD), *(Paragraph(_text(line), dots, "•") for line in lines)]


def _proof(said: Told) -> list[Flowable]:
    cells = [[Paragraph(_text(key), SMALL), Paragraph(_text(value), TINY)]
             for key, value in said.data]  # fmt: skip
    table = _bare(cells, [42 * mm, WIDTH - 42 * mm])
    kept = KeepTogether([Paragraph(said.say("data"), HEAD), table])
    return [kept, *_listed(said.say("sources"), said.sources)]
