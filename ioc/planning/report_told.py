"""What a printed analysis says, read from the run alone: words, counts, tables; no paper yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from pyproj import CRS

from geo import crs
from geo.analytics import methods
from geo.analytics.catalogue import Method
from geo.analytics.parameters import described
from geo.errors import Refused
from geo.models import District
from geo.text import Text
from ioc.planning.models import Result, Run
from ioc.planning.report_words import COLUMNS, FIGURES, VALUES, WORDS, kind_of, number
from layers import registry

TOP = 15
WHOLE = ("value", "z", "q")
FACTS = (
    "events",
    "before",
    "after",
    "low",
    "high",
    "count",
    "share",
    "km2",
    "area_share",
    "lowest",
    "highest",
    "second",
    "trend_z",
)
ASKED_LAYERS = ("against", "candidates", "denominator", "zones")


@dataclass(frozen=True)
class Legend:
    """One kind of result: its words and colour, and how many there are of it."""

    kind: str
    words: str
    colour: str
    count: int


@dataclass(frozen=True)
class Told:
    """Everything a report says but its map, in one language."""

    language: str
    title: str
    question: str
    synthetic: bool
    legend: list[Legend]
    figures: list[tuple[str, str]]
    notes: list[str]
    head: list[str]
    rows: list[list[str]]
    results: int
    gone: bool
    method: tuple[str, str]
    parameters: list[tuple[str, str, str]]
    caveats: list[str]
    references: list[str]
    data: list[tuple[str, str]]
    sources: list[str]

    def say(self, key: str, **values: Any) -> str:
        return say(self.language, key, **values)


def say(language: str, key: str, **values: Any) -> str:
    return side(language, WORDS[key]).format(**values)


def side(language: str, text: Any) -> str:
    """The reader's side of a bilingual text."""
    if isinstance(text, Mapping):
        return str(text.get(language) or text.get("vi") or "")
    return text.en if language == "en" else text.vi


def moment(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%d/%m/%Y %H:%M") if at else "–"


def told(run: Run, language: str) -> Told:
    """The words and counts of a run that is done. Raises Refused 409 for another."""
    if run.state != Run.State.DONE:
        raise Refused("not-done", _("This run is not done: there is no result yet."), status=409)
    method, figures = methods()[run.method], run.figures
    results = run.results.count()
    head, rows = _table(run, language)
    return Told(
        language=language,
        title=run.analysis.name or side(language, method.title),
        question=side(language, figures.get("in_words") or {}),
        synthetic=run.synthetic,
        legend=_legend(run, language),
        figures=[*_figures(figures, language), *_shares(figures, language)],
        notes=[side(language, note) for note in figures.get("notes") or []],
        head=head,
        rows=rows,
        results=results,
        gone=results == 0 and figures.get("features", 0) > 0,
        method=(side(language, method.title), side(language, method.explanation)),
        parameters=_parameters(method, run, language),
        caveats=[side(language, caveat) for caveat in method.caveats],
        references=list(method.references),
        data=_data(run, language),
        sources=_sources(run, language),
    )


def _legend(run: Run, language: str) -> list[Legend]:
    """Kinds with their numbers, as all results have them, in the order of their ranks."""
    counts = run.results.order_by().values_list("kind").annotate(n=Count("pk"))
    made = []
    for kind, n in counts:
        words, colour = kind_of(kind, run.figures)
        made.append(Legend(kind, side(language, words), colour, n))
    last = {"too-few": 2, "empty": 3, "same": 1, "spared": 2}
    falling = {"band", "class", "pair"} & {one.kind.partition("-")[0] for one in made}
    made.sort(key=lambda one: one.kind, reverse=bool(falling))
    made.sort(key=lambda one: last.get(one.kind, 0) if falling else
              (last.get(one.kind, 0), -one.count))  # fmt: skip
    return made


def _figures(figures: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    lines = []
    for key, words in FIGURES.items():
        value = figures.get(key)
        if value is None or isinstance(value, list | dict):
            continue
        lines.append((side(language, words), _value(key, value, language)))
    return lines


def _value(key: str, value: Any, language: str) -> str:
    if isinstance(value, bool):
        return say(language, "yes" if value else "no")
    if key in {"gap"}:
        return f"{number(value * 100, language)} %"
    if isinstance(value, int | float):
        return number(value, language)
    if key == "slice" and value in WORDS:
        return say(language, value)
    if key == "first":
        return datetime.fromisoformat(value).strftime("%d/%m/%Y")
    return str(value)


def _shares(figures: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """How much lies within each distance, where the method says so."""
    share = figures.get("share")
    if not isinstance(share, dict):
        return []
    rising = sorted(share.items(), key=lambda one: float(one[0]))
    return [
        (f"≤ {number(float(m), language)} m", f"{number(s * 100, language)} %") for m, s in rising
    ]


def _table(run: Run, language: str) -> tuple[list[str], list[list[str]]]:
    """The first results by rank, with the columns that any of them has a value in."""
    top = list(run.results.order_by("rank")[:TOP])
    if not top:
        return [], []
    columns = [name for name in WHOLE if any(getattr(one, name) is not None for one in top)]
    facts = [name for name in FACTS if any(_plain(one.facts.get(name)) for one in top)]
    head = ["#", say(language, "place"), say(language, "kind")]
    head += [side(language, _column(name, run)) for name in (*columns, *facts)]
    wards = [(ward, shapely.from_wkb(bytes(ward.geom.wkb))) for ward in _wards()]
    rows = []
    for one in top:
        words, _colour = kind_of(one.kind, run.figures)
        cells = [_cell(name, getattr(one, name), language) for name in columns]
        cells += [_cell(name, one.facts.get(name), language) for name in facts]
        first = [str(one.rank), _where(one, wards, language), side(language, words)]
        rows.append(first + cells)
    return head, rows


def _column(name: str, run: Run) -> Text:
    if name != "value":
        return COLUMNS[name]
    if "rate" in run.figures:
        return VALUES["rate" if run.figures["rate"] else "count"]
    return VALUES.get(run.method, COLUMNS[name])


def _plain(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(name: str, value: Any, language: str) -> str:
    if not _plain(value):
        return "–"
    if name == "q" and value < 0.001:
        return f"< {number(0.001, language)}"
    return (
        number(value * 100, language) + " %"
        if name in {"share", "area_share"}
        else number(value, language)
    )


def _wards() -> list[District]:
    return list(District.objects.filter(retired_at=None))


def _where(one: Result, wards: list[Any], language: str) -> str:
    """The ward a result is or lies in, and the middle of it as latitude, longitude."""
    if any(one.title == ward.name_vi for ward, _b in wards):
        named = next(ward for ward, _b in wards if one.title == ward.name_vi)
        return named.name_en if language == "en" else named.name_vi
    if one.kind == "ring":
        return f"≤ {number(one.value or 0, language)} m"
    inner = shapely.point_on_surface(shapely.from_wkb(bytes(one.geom.wkb)))
    at = f"{inner.y:.5f}, {inner.x:.5f}"
    for ward, border in wards:
        if border.covers(inner):
            return f"{ward.name_en if language == 'en' else ward.name_vi} · {at}"
    return at


def _parameters(method: Method, run: Run, language: str) -> list[tuple[str, str, str]]:
    rows = []
    for one in described(method.parameters):
        value = run.parameters.get(one["name"], one["default"])
        if value is None:
            continue
        if one["options"] and value in one["options"]:
            shown = side(language, one["options"][value])
        elif isinstance(value, list | tuple):
            shown = "; ".join(number(each, language) for each in value)
        else:
            shown = _value("", value, language)
        told_ = f"{shown} {one['unit']}".strip()
        rows.append((side(language, one["title"]), told_, side(language, one["explanation"])))
    return rows


def _data(run: Run, language: str) -> list[tuple[str, str]]:
    rows = [
        (say(language, "layers"), ", ".join(_titles(run, language))),
        (say(language, "area"), _area(run, language)),
    ]
    if "cells" in run.figures or run.method == "best-sites":
        rows.append((say(language, "cells"), _cells(run, language)))
    if run.asked.get("slice") in WORDS:
        rows.append((say(language, "slice"), say(language, run.asked["slice"])))
    rows += [(side(language, FIGURES[name]), _period(run.asked[name]))
             for name in ("before", "after") if isinstance(run.asked.get(name), dict)]  # fmt: skip
    here = crs.metric_srid()
    rows += [
        (say(language, "data_at"), moment(run.data_at)),
        (say(language, "ended_at"), moment(run.ended_at)),
        (say(language, "code"), run.code_version),
        (say(language, "run"), str(run.pk)),
        (say(language, "asker"), str(run.asker)),
        (say(language, "made_up"), say(language, "yes" if run.synthetic else "no")),
        (say(language, "crs"), crs_name(here)),
    ]
    return rows


def _period(asked: Mapping[str, Any]) -> str:
    return f"{str(asked.get('start'))[:16]} – {str(asked.get('end'))[:16]}"


def crs_name(srid: int) -> str:
    """A CRS as the register names it."""
    return f"{CRS.from_epsg(srid).name} (EPSG:{srid})"


def _area(run: Run, language: str) -> str:
    name = str(run.figures.get("area") or "")
    here = crs.city()
    if not run.asked.get("area") and here is not None:
        return here.name_en if language == "en" else here.name_vi
    return name or say(language, "drawn_area")


def _cells(run: Run, language: str) -> str:
    import h3.api.basic_int as h3

    res = int(run.asked.get("resolution", 8))
    km2 = number(h3.average_hexagon_area(res, unit="km^2"), language)
    return say(language, "cells_of", res=res, km2=km2)


def _titles(run: Run, language: str) -> list[str]:
    slugs = [run.asked["layer"]]
    slugs += [run.asked[name]["layer"] for name in ASKED_LAYERS
              if isinstance(run.asked.get(name), dict) and "layer" in run.asked[name]]  # fmt: skip
    known = {layer.slug: layer for layer in registry.all_layers()}
    return [side(language, known[slug].title) if slug in known else slug
            for slug in dict.fromkeys(slugs)]  # fmt: skip


def _sources(run: Run, language: str) -> list[str]:
    """Whose data it is and under which licence it may be passed on."""
    here = crs.city()
    known = {layer.slug: layer for layer in registry.all_layers()}
    named = [known[slug].attribution for slug in run.analysis.layers if slug in known]
    own = say(language, "own", layers=", ".join(_titles(run, language)))
    lines = [own, *filter(None, named), *(here.attributions if here is not None else [])]
    if District.objects.filter(retired_at=None, schematic=True).exists():
        lines.append(say(language, "schematic"))
    return list(dict.fromkeys(lines))
