"""A question as a sentence in Vietnamese and English, so that a person sees what was understood."""

from datetime import date, datetime
from typing import Any

from geo.text import Text
from layers.questions import reading
from layers.questions.terms import (
    All,
    AnyOf,
    Area,
    Between,
    Clock,
    Compare,
    CompareFields,
    Contains,
    During,
    Everything,
    InBox,
    IsNull,
    Last,
    Like,
    Nearest,
    Not,
    OneOf,
    Reach,
    Related,
    Same,
    Search,
    Space,
    Term,
    Within,
)
from layers.questions.views import View, view_of

SIGNS = {
    "=": Text("là", "is"),
    "<>": Text("khác", "is not"),
    "<": Text("nhỏ hơn", "is less than"),
    "<=": Text("không quá", "is at most"),
    ">": Text("lớn hơn", "is more than"),
    ">=": Text("từ", "is at least"),
}
RELATIONS = {
    "intersects": Text("giao với", "meeting"),
    "inside": Text("nằm trong", "inside"),
    "interior": Text("nằm trong", "inside"),
    "contains": Text("chứa", "containing"),
    "encloses": Text("chứa", "containing"),
    "disjoint": Text("nằm ngoài", "outside"),
    "touches": Text("tiếp giáp", "touching"),
    "crosses": Text("cắt qua", "crossing"),
    "overlaps": Text("chồng lên", "overlapping"),
    "equals": Text("trùng với", "equal to"),
}
DAYS = Text("T2 T3 T4 T5 T6 T7 CN", "Mon Tue Wed Thu Fri Sat Sun")


def in_words(view: View, term: Term) -> Text:
    """The whole question: the layer, then what narrows it."""
    title = view.layer.title
    if term == Everything():
        return Text(f"Tất cả {_low(title.vi)}", f"All {_low(title.en)}")
    said = words_of(view, term)
    return Text(f"{title.vi} {said.vi}", f"{title.en} {said.en}")


def _low(title: str) -> str:
    return title[:1].lower() + title[1:]


def words_of(view: View, term: Term) -> Text:
    """One term as a clause."""
    match term:
        case All(terms):
            return _joined(view, terms, Text(" và ", " and "))
        case AnyOf(terms):
            return _joined(view, terms, Text(" hoặc ", " or "))
        case Not(Related() as inner):
            return _related(view, inner, Text("không có", "without any"))
        case Not(inner):
            said = words_of(view, inner)
            return Text(f"không ({said.vi})", f"not ({said.en})")
        case Related():
            return _related(view, term, Text("có", "with"))
        case Reach(inner):
            other = view_of(view.user, view.layer.reach)
            said, title = words_of(other, inner), other.layer.title
            return Text(f"có {_low(title.vi)} {said.vi}", f"whose {_low(title.en)} are {said.en}")
        case Everything(value):
            return Text("bất kỳ", "any") if value else Text("không có gì", "none")
        case Space() | Within() | Nearest() | InBox():
            return _place(term)
        case During() | Last() | Clock():
            return _whose(_time(view, term))
        case Search(text):
            return Text(f"có chữ “{text}”", f"with the words “{text}”")
        case _:
            return _whose(_field(view, term))


def _whose(said: Text) -> Text:
    return Text(f"có {said.vi}", f"whose {said.en}")


def _joined(view: View, terms: tuple[Term, ...], word: Text) -> Text:
    parts = []
    for term in terms:
        said = words_of(view, term)
        nested = isinstance(term, All | AnyOf)
        parts.append(Text(f"({said.vi})", f"({said.en})") if nested else said)
    return Text(word.vi.join(p.vi for p in parts), word.en.join(p.en for p in parts))


def _related(view: View, term: Related, word: Text) -> Text:
    other = view_of(view.user, term.layer)
    title = other.layer.title
    narrowed = Text("", "")
    if term.where != Everything():
        said = words_of(other, term.where)
        narrowed = Text(f" ({said.vi})", f" ({said.en})")
    if term.metres is None:
        near = Text(" giao với nó", " meeting it")
    else:
        near = Text(f" trong {_metres(term.metres)}", f" within {_metres(term.metres)}")
    return Text(
        f"{word.vi} {_low(title.vi)}{narrowed.vi}{near.vi}",
        f"{word.en} {_low(title.en)}{narrowed.en}{near.en}",
    )


def _metres(metres: float) -> str:
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"


def _area(area: Area) -> Text:
    if area.name == "bbox":
        return Text("khung đã chọn", "the box chosen")
    if area.name == "city":
        return Text("toàn thành phố", "the whole city")
    if area.name:
        return Text(area.name, area.name_en or area.name)
    if area.kind == "Point":
        west, south = area.box[:2]
        place = f"{south:.5f}, {west:.5f}"
        return Text(f"điểm {place}", f"the point {place}")
    if "Polygon" in area.kind:
        return Text("vùng đã vẽ", "the area drawn")
    return Text("đường đã vẽ", "the line drawn")


def _place(term: Term) -> Text:
    match term:
        case Space(relation, area):
            word, place = RELATIONS[relation], _area(area)
            return Text(f"{word.vi} {place.vi}", f"{word.en} {place.en}")
        case Within(area, metres):
            place, far = _area(area), _metres(metres)
            return Text(f"cách {place.vi} không quá {far}", f"within {far} of {place.en}")
        case Nearest(area, k):
            place = _area(area)
            return Text(
                f"trong {k} đối tượng gần {place.vi} nhất", f"among the {k} nearest to {place.en}"
            )
    return Text("trong khung đã chọn", "in the box chosen")


def _time(view: View, term: Any) -> Text:
    title = _title(view, term.field)
    match term:
        case During(_, start, end, _):
            if start is None and end is None:
                return Text(title.vi, f"{title.en} is known")
            vi, en = [], []
            if start is not None:
                vi, en = [f"từ {_said(start)}"], [f"from {_said(start)}"]
            if end is not None:
                vi, en = [*vi, f"đến {_said(end)}"], [*en, f"until {_said(end)}"]
            return Text(f"{title.vi} {' '.join(vi)}", f"{title.en} is {' '.join(en)}")
        case Last(_, amount, unit):
            vi, en = ("giờ", "hours") if unit == "hours" else ("ngày", "days")
            return Text(
                f"{title.vi} trong {amount} {vi} qua", f"{title.en} is in the last {amount} {en}"
            )
    days = [Text(DAYS.vi.split()[n - 1], DAYS.en.split()[n - 1]) for n in term.weekdays]
    hours = ", ".join(f"{hour}" for hour in term.hours)
    vi = ([", ".join(d.vi for d in days)] if days else []) + ([f"lúc {hours} giờ"] if hours else [])
    en = ([", ".join(d.en for d in days)] if days else []) + ([f"at hour {hours}"] if hours else [])
    return Text(f"{title.vi} vào {' '.join(vi)}", f"{title.en} is on {' '.join(en)}")


def _title(view: View, name: str) -> Text:
    field = view.fields.get(name)
    title = field.title if field else Text("Thời gian", "Time")
    return Text(_low(title.vi), _low(title.en))


def _value(view: View, name: str, value: Any) -> Text:
    field = view.fields.get(name)
    for choice in field.choices if field else ():
        if choice.value == value:
            return choice.title
    if isinstance(value, bool):
        return Text("có", "yes") if value else Text("không", "no")
    if isinstance(value, datetime | date):
        return Text(_said(value), _said(value))
    said = f"“{value}”" if isinstance(value, str) else f"{value:g}"
    if field and field.unit and not isinstance(value, str):
        said = f"{said} {field.unit}"
    return Text(said, said)


def _said(at: datetime | date) -> str:
    if isinstance(at, datetime):
        return f"{at.astimezone(reading.zone()):%d/%m/%Y %H:%M}"
    return f"{at:%d/%m/%Y}"


def _field(view: View, term: Any) -> Text:
    title = _title(view, term.field)
    match term:
        case Compare(name, op, value):
            said, sign = _value(view, name, value), SIGNS[op]
            return Text(f"{title.vi} {sign.vi} {said.vi}", f"{title.en} {sign.en} {said.en}")
        case CompareFields(_, op, other):
            said, sign = _title(view, other), SIGNS[op]
            return Text(f"{title.vi} {sign.vi} {said.vi}", f"{title.en} {sign.en} {said.en}")
        case OneOf(name, values):
            listed = [_value(view, name, value) for value in values[:12]]
            more = "…" if len(values) > 12 else ""
            vi, en = ", ".join(v.vi for v in listed), ", ".join(v.en for v in listed)
            return Text(f"{title.vi} là một trong: {vi}{more}", f"{title.en} is one of: {en}{more}")
        case Between(name, low, high):
            a, b = _value(view, name, low), _value(view, name, high)
            return Text(f"{title.vi} từ {a.vi} đến {b.vi}", f"{title.en} is from {a.en} to {b.en}")
        case Contains(_, text):
            return Text(f"{title.vi} với chữ “{text}”", f"{title.en} has the words “{text}”")
        case Same(_, text):
            return Text(f"{title.vi} là “{text}”", f"{title.en} is “{text}”")
        case Like(_, pattern):
            return Text(f"{title.vi} theo mẫu “{pattern}”", f"{title.en} is like “{pattern}”")
        case IsNull():
            return Text(f"{title.vi} để trống", f"{title.en} is empty")
    raise TypeError(f"{type(term).__name__} has no words")
