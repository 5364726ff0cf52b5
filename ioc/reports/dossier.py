"""One case on paper: an A4 dossier to be filed, sent or read where there is no screen."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from django.utils import timezone
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, Image, KeepTogether, Paragraph, Spacer, Table
from reportlab.platypus.doctemplate import SimpleDocTemplate

from geo.paper import BOLD, MARGIN, PADDING, PLAIN, QUIET, WIDTH, Numbered, fonts_ready, style
from ioc.reports.dossier_parts import ClockBar, Ring, Sketch
from ioc.reports.workflow import TO_SENDER

SKETCH_W, SKETCH_H = 56 * mm, 42 * mm
PHOTOS_A_ROW = 3
TINTS = {"public": "#e3f7f5", "reporter": "#f6f8fb", "internal": "#fdf1dd"}

BY = {"reporter": "sender", "agency": "agency", "centre": "centre", "system": "system"}
WORDS: dict[str, tuple[str, str]] = {
    "dossier": ("Hồ sơ phản ánh", "Case dossier"),
    "staff": ("Tài liệu nội bộ", "For staff only"),
    "synthetic": ("DỮ LIỆU MÔ PHỎNG", "SYNTHETIC DATA"),
    "emergency": ("KHẨN CẤP", "EMERGENCY"),
    "page": ("Trang {n}/{m}", "Page {n} of {m}"),
    "printed": ("In lúc {at}", "Printed {at}"),
    "state": ("Trạng thái", "State"), "received": ("Nhận lúc", "Received"),
    "place": ("Vị trí", "Place"), "ward": ("Phường, xã", "Ward"), "agency": ("Đơn vị", "Agency"),
    "officer": ("Cán bộ", "Officer"), "me_too": ("Người cùng thấy", "Others who see it"),
    "words": ("Nội dung", "What was reported"), "none": ("(không có mô tả)", "(no description)"),
    "published": ("Bản công khai", "Public version"), "clocks": ("Thời hạn", "Clocks"),
    "acknowledge": ("Tiếp nhận", "Acknowledge"), "resolve": ("Giải quyết", "Resolve"),
    "dwell": ("Bước này", "This step"), "due": ("hạn {at}", "due {at}"),
    "done": ("xong {at}", "done {at}"), "paused": ("tạm dừng", "paused"),
    "used": ("{used} / {all} giờ", "{used} / {all} h"), "photos": ("Ảnh", "Photos"),
    "lost": ("(ảnh không mở được)", "(photo cannot be opened)"),
    "routed": ("Vì sao ở đây", "Why with this agency"), "timeline": ("Diễn biến", "What happened"),
    "public": ("Công khai", "Public"), "asked": ("Chỉ người gửi đọc", "For the reporter alone"),
    "internal": ("Nội bộ", "Internal"),
    "reporter": ("Người gửi viết", "From the reporter"), "undone": ("đã hoàn tác", "undone"),
    "system": ("Hệ thống", "System"), "sender": ("Người gửi", "Reporter"),
    "centre": ("Trung tâm", "The centre"),
}  # fmt: skip


TITLE = style("title", 20, bold=True)
HEAD = style("head", 10.5, bold=True, spaceBefore=5 * mm, spaceAfter=1.5 * mm, keepWithNext=True)
BODY, SMALL = style("body", 9.5), style("small", 8, color=QUIET)
LEAD = style("lead", 12)
RIGHT = style("right", 8, color=QUIET, alignment=TA_RIGHT)


class Dossier:
    """What of a case goes on paper, in one language."""

    def __init__(self, case: Mapping[str, Any], language: str, pictures: Mapping[str, bytes]):
        self.case, self.pictures = case, pictures
        self.side = 1 if language == "en" else 0

    def say(self, key: str, **values: Any) -> str:
        return WORDS[key][self.side].format(**values)

    def text(self, value: Any) -> str:
        """The reader's side of a bilingual text, safe to put among markup."""
        if isinstance(value, Mapping):
            first, second = ("en", "vi") if self.side else ("vi", "en")
            value = value.get(first) or value.get(second) or ""
        return escape(str(value or "")).replace("\n", "<br/>")

    def title(self, thing: Any) -> str:
        return self.text(thing["title"]) if thing else "–"

    def at(self, value: Any) -> str:
        if not value:
            return "–"
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        return timezone.localtime(at).strftime("%d/%m/%Y %H:%M")

    def number(self, value: float) -> str:
        text = f"{value:.1f}".removesuffix(".0")
        return text if self.side else text.replace(".", ",")

    def top(self, rings: Sequence[Ring]) -> list[Flowable]:
        case = self.case
        marks = [self.say("staff")]
        if case.get("emergency"):
            marks.append(f'<font name="{BOLD}" color="#c2186b">{self.say("emergency")}</font>')
        if case.get("synthetic"):
            marks.append(f'<font name="{BOLD}" color="#8a5200">{self.say("synthetic")}</font>')
        lines: list[Flowable] = [
            Paragraph(" · ".join(marks), SMALL),
            Paragraph(escape(case["code"]), TITLE),
            Paragraph(f"{self.title(case['category'])} · {self.title(case['state'])}", BODY),
            Spacer(0, 2 * mm),
            self.facts(WIDTH - SKETCH_W - 6 * mm),
        ]
        sketch = Sketch(rings, (case["lon"], case["lat"]), SKETCH_W, SKETCH_H)
        return [self.columns([lines, [sketch]], [WIDTH - SKETCH_W, SKETCH_W])]

    def columns(self, cells: list[Any], widths: list[float]) -> Table:
        bare = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]
        bare += [("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 0)]
        return Table([cells], colWidths=widths, style=bare)

    def facts(self, width: float) -> Table:
        case = self.case
        place = f"{case['lat']:.5f}, {case['lon']:.5f}"
        if case.get("accuracy_m"):
            place += f" ± {case['accuracy_m']:.0f} m"
        rows = [
            ("received", self.at(case["received_at"])), ("ward", self.title(case["district"])),
            ("place", place), ("agency", self.title(case["agency"])),
            ("officer", self.text(case["officer"]) or "–"), ("me_too", str(case["me_too"])),
        ]  # fmt: skip
        cells = [[Paragraph(self.say(key), SMALL), Paragraph(value, BODY)] for key, value in rows]
        tight = [("TOPPADDING", (0, 0), (-1, -1), 0.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 0.5)]
        tight += [("LEFTPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        return Table(cells, colWidths=[30 * mm, width - 30 * mm], style=tight, hAlign="LEFT")

    def words(self) -> list[Flowable]:
        case = self.case
        said = [
            Paragraph(self.say("words"), HEAD),
            Paragraph(self.text(case["words"]) or self.say("none"), LEAD),
        ]
        for one in case.get("answers") or ():
            said.append(Spacer(0, 1.5 * mm))
            said.append(Paragraph(self.text(one["question"]), SMALL))
            said.append(Paragraph(self.text(one["answer"]), BODY))
        if case["words_public"] and case["words_public"] != case["words"]:
            said.append(Spacer(0, 2 * mm))
            said.append(self.box("published", case["words_public"], "public"))
        if case.get("routed"):
            said.append(Paragraph(self.say("routed"), HEAD))
            said.append(Paragraph(self.text(case["routed"]["reason"]), BODY))
        return said

    def box(self, label: str, words: str, tint: str, width: float = WIDTH) -> Table:
        inside = [Paragraph(self.say(label), SMALL), Paragraph(self.text(words), BODY)]
        look = [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(TINTS[tint])),
            ("LEFTPADDING", (0, 0), (-1, -1), 6), ("TOPPADDING", (0, 0), (-1, 0), 3),
            ("TOPPADDING", (0, 1), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, 0), 0),
        ]  # fmt: skip
        return Table([[one] for one in inside], colWidths=[width], style=look)

    def clocks(self) -> list[Flowable]:
        rows = []
        for clock in self.case["clocks"]:
            when = self.say("paused") if clock["state"] == "paused" else ""
            if clock["stopped_at"]:
                when = self.say("done", at=self.at(clock["stopped_at"]))
            elif clock["due_at"]:
                when = self.say("due", at=self.at(clock["due_at"]))
            used = clock["used"] * clock["budget_h"]
            spent = self.say("used", used=self.number(used), all=self.number(clock["budget_h"]))
            rows.append([
                Paragraph(self.say(clock["clock"]), BODY),
                ClockBar(clock["used"], clock["state"], 60 * mm),
                Paragraph(spent, SMALL),
                Paragraph(when, RIGHT),
            ])  # fmt: skip
        if not rows:
            return []
        widths = [30 * mm, 64 * mm, 32 * mm, WIDTH - 126 * mm]
        look = [("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
        look += [("RIGHTPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]
        return [Paragraph(self.say("clocks"), HEAD), Table(rows, colWidths=widths, style=look)]

    def picture(self, photo: Mapping[str, Any], width: float) -> Flowable:
        """The photo in a frame of 4:3, or a line that says it cannot be opened."""
        try:
            reader = ImageReader(io.BytesIO(self.pictures[photo["name"]]))
            w, h = reader.getSize()
            scale = min(width / w, width * 0.75 / h)
            data = io.BytesIO(self.pictures[photo["name"]])
            return Image(data, width=w * scale, height=h * scale)
        except (KeyError, OSError, ValueError):
            return Paragraph(self.say("lost"), SMALL)

    def photos(self, photos: Sequence[Mapping[str, Any]], width: float = WIDTH) -> list[Flowable]:
        each = width / PHOTOS_A_ROW
        cells: list[Any] = [self.picture(photo, each - 2 * mm) for photo in photos]
        rows = [cells[i : i + PHOTOS_A_ROW] for i in range(0, len(cells), PHOTOS_A_ROW)]
        rows = [row + [""] * (PHOTOS_A_ROW - len(row)) for row in rows]
        look = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        return [Table(rows, colWidths=[each] * PHOTOS_A_ROW, style=look)] if rows else []

    def timeline(self) -> list[Flowable]:
        head: list[Flowable] = [Paragraph(self.say("timeline"), HEAD)]
        steps = [self.step(step) for step in self.case["timeline"]]
        # The heading stays with what it heads.
        return [KeepTogether(head + step if n == 0 else step) for n, step in enumerate(steps)]

    def step(self, step: Mapping[str, Any]) -> list[Flowable]:
        by, inner = step["by"], WIDTH - 32 * mm
        who = ", ".join(filter(None, [self.text(by["name"]), self.name_of(by["agency"])])) if by \
            else self.say(BY[step["by_kind"]])  # fmt: skip
        title, about = self.text(step["title"]), self.text(step.get("about"))
        title = f"{title}: {about}" if about else title
        if step["undone"]:
            title = f"<strike>{title}</strike> ({self.say('undone')})"
        said: list[Flowable] = [
            Paragraph(f'<font name="{BOLD}">{title}</font> · <font size="8">{who}</font>', BODY)
        ]
        for key, label in (
            ("public_words", "public"), ("reporter_words", "reporter"),
            ("private_words", "internal"),
        ):  # fmt: skip
            if step[key]:
                asked = label == "public" and step["kind"] in TO_SENDER
                said.append(self.box("asked" if asked else label, step[key], label, inner))
        said += self.photos(step["photos"], inner)
        return [
            self.columns([Paragraph(self.at(step["at"]), SMALL), said], [32 * mm, inner]),
            Spacer(0, 1 * mm),
        ]

    def name_of(self, agency: Any) -> str:
        return self.title(agency) if agency else ""


def pdf(
    case: Mapping[str, Any],
    language: str,
    *,
    pictures: Mapping[str, bytes] | None = None,
    rings: Sequence[Ring] = (),
) -> bytes:
    """The dossier of `case`, as `casefile.case_out` tells it, as an A4 PDF in `language`.

    `pictures`: JPEGs by the photo's name. `rings`: borders to sketch the place in, lon/lat.
    Raises Refused: not-built, where the fonts are missing.
    """
    fonts_ready()
    dossier = Dossier(case, language, pictures or {})
    story = [*dossier.top(rings), *dossier.words(), *dossier.clocks()]
    if case["photos"]:
        story += [Paragraph(dossier.say("photos"), HEAD), *dossier.photos(case["photos"])]
    story += dossier.timeline()
    out = io.BytesIO()
    foot = " · ".join(filter(None, [
        f"{dossier.say('dossier')} {case['code']}",
        dossier.say("printed", at=dossier.at(timezone.now())),
        dossier.say("synthetic") if case.get("synthetic") else "",
    ]))  # fmt: skip
    page = dossier.say("page", n="{n}", m="{m}")
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN - PADDING, rightMargin=MARGIN - PADDING,
        topMargin=16 * mm, bottomMargin=20 * mm, title=f"{dossier.say('dossier')} {case['code']}",
        author="IOC", lang="en" if dossier.side else "vi",
    )  # fmt: skip
    maker = Numbered.saying(foot, page, PLAIN, MARGIN)
    document.build(story, canvasmaker=maker)
    return out.getvalue()
