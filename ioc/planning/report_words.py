"""The words of a printed analysis: headings, figures, kinds and columns, in both languages."""

from typing import Any

from geo.text import Text
from ioc.planning.layers import KINDS
from ioc.planning.palettes import HEAT, RAMP, between, sampled

WORDS: dict[str, Text] = {
    "report": Text("Báo cáo phân tích không gian", "Report of a spatial analysis"),
    "synthetic": Text("CÓ DỮ LIỆU MÔ PHỎNG", "CONTAINS SYNTHETIC DATA"),
    "schematic": Text(
        "Ranh giới phường, xã là phác họa.", "Borders of wards are sketched, not official."
    ),
    "page": Text("Trang {n}/{m}", "Page {n} of {m}"),
    "printed": Text("In lúc {at}", "Printed {at}"),
    "legend": Text("Chú giải", "Legend"),
    "figures": Text("Số liệu", "Figures"),
    "table": Text("{shown} kết quả hàng đầu trong {all}", "The first {shown} of {all} results"),
    "nothing": Text(
        "Không có kết quả nào nổi bật ở mức đã chọn.", "Nothing stands out at the chosen level."
    ),
    "gone": Text(
        "Lần tính này đã cũ: chỉ còn giữ số liệu, không còn giữ các hình trên bản đồ.",
        "This run is old: its figures are kept, the shapes on the map are not.",
    ),
    "drawn": Text(
        "Bản đồ vẽ {n} hình đầu trong {all}; số trong chú giải là của tất cả.",
        "The map draws the first {n} of {all} shapes; the legend counts all of them.",
    ),
    "method": Text("Phương pháp", "Method"),
    "parameter": Text("Tham số", "Parameter"),
    "value": Text("Giá trị", "Value"),
    "meaning": Text("Ý nghĩa", "Meaning"),
    "caveats": Text("Cần lưu ý khi đọc", "Read with care"),
    "references": Text("Tài liệu tham khảo", "References"),
    "data": Text("Dữ liệu và cách tính lại", "Data, and how to compute it again"),
    "layers": Text("Lớp dữ liệu", "Layers"),
    "area": Text("Vùng", "Area"),
    "cells": Text("Ô lưới", "Cells"),
    "cells_of": Text("H3 bậc {res}, trung bình {km2} km²", "H3 resolution {res}, {km2} km² mean"),
    "slice": Text("Lát thời gian", "Slices of time"),
    "data_at": Text("Dữ liệu đến", "Data until"),
    "ended_at": Text("Tính xong lúc", "Computed"),
    "code": Text("Phiên bản mã", "Version of the code"),
    "run": Text("Mã lần tính", "Run"),
    "asker": Text("Người hỏi", "Asked by"),
    "made_up": Text("Dữ liệu mô phỏng", "Synthetic data"),
    "yes": Text("có", "yes"),
    "no": Text("không", "no"),
    "crs": Text("Hệ tọa độ của bản đồ", "CRS of the map"),
    "scale": Text("Tỷ lệ 1:{n} trên giấy A4", "Scale 1:{n} on A4 paper"),
    "sources": Text("Nguồn và giấy phép", "Sources and licences"),
    "own": Text(
        "Dữ liệu của thành phố trên nền tảng này: {layers}.",
        "The city's own data on this platform: {layers}.",
    ),
    "place": Text("Nơi", "Place"),
    "kind": Text("Loại", "Kind"),
    "near": Text("trong {ward}", "in {ward}"),
    "drawn_area": Text("vùng được hỏi", "area asked about"),
    "wards": Text("ranh giới phường, xã", "borders of wards"),
    "day": Text("ngày", "day"),
    "week": Text("tuần", "week"),
    "month": Text("tháng", "month"),
}

FIGURES: dict[str, Text] = {
    "events": Text("Sự việc được xét", "Events looked at"),
    "cells": Text("Ô được xét", "Cells looked at"),
    "hot": Text("Ô nóng", "Hot cells"),
    "cold": Text("Ô lạnh", "Cold cells"),
    "too_few": Text("Ô không xếp hạng (quá ít)", "Cells not ranked (too few)"),
    "rate": Text("Là tỷ suất", "Is a rate"),
    "high-high": Text("Cao giữa cao", "High among high"),
    "low-high": Text("Thấp giữa cao", "Low among high"),
    "low-low": Text("Thấp giữa thấp", "Low among low"),
    "high-low": Text("Cao giữa thấp", "High among low"),
    "slices": Text("Số lát thời gian", "Slices of time"),
    "slice": Text("Mỗi lát", "Each slice"),
    "first": Text("Lát đầu", "First slice"),
    "outside": Text("Ngoài vùng", "Outside"),
    "highest": Text("Mật độ cao nhất", "Highest density"),
    "unit": Text("Đơn vị", "Unit"),
    "clusters": Text("Cụm", "Clusters"),
    "alone": Text("Sự việc đứng lẻ", "Events in no cluster"),
    "places": Text("Nơi cần phục vụ", "Places to be served"),
    "facilities": Text("Cơ sở", "Facilities"),
    "mean_m": Text("Khoảng cách trung bình, m", "Mean distance, m"),
    "median_m": Text("Khoảng cách trung vị, m", "Median distance, m"),
    "candidates": Text("Vị trí ứng viên", "Candidate places"),
    "before": Text("Trước", "Before"),
    "after": Text("Sau", "After"),
    "exposed": Text("Trong các vùng", "In the zones"),
    "zones": Text("Vùng", "Zones"),
    "km2": Text("km² trong vùng", "km² in the zones"),
    "wards_touched": Text("Phường, xã có vùng", "Wards with zones"),
    "grid": Text("Lưới số liệu", "Grid"),
    "gap": Text("Cách tối ưu nhiều nhất", "At most so far from the best"),
    "proved": Text("Chứng minh là tốt nhất", "Proved to be the best"),
    "rose": Text("Phường tăng", "Wards that rose"),
    "fell": Text("Phường giảm", "Wards that fell"),
    "fit": Text("Độ khớp phân lớp", "Goodness of the classes"),
    "correlation": Text("Tương quan", "Correlation"),
}

COLUMNS: dict[str, Text] = {
    "value": Text("Giá trị", "Value"),
    "z": Text("z", "z"),
    "q": Text("q", "q"),
    "events": Text("Sự việc", "Events"),
    "before": Text("Trước", "Before"),
    "after": Text("Sau", "After"),
    "low": Text("Thấp", "Low"),
    "high": Text("Cao", "High"),
    "count": Text("Số đếm", "Count"),
    "share": Text("Tỷ lệ", "Share"),
    "second": Text("Lớp thứ hai", "Second layer"),
    "area_share": Text("Phần diện tích", "Share of area"),
    "km2": Text("km²", "km²"),
    "lowest": Text("Thấp nhất", "Lowest"),
    "highest": Text("Cao nhất", "Highest"),
    "trend_z": Text("z xu hướng", "Trend z"),
}
VALUES: dict[str, Text] = {
    "count": Text("Sự việc", "Events"),
    "rate": Text("Tỷ suất", "Rate"),
    "kernel-density": Text("Từ, trên km²", "From, per km²"),
    "dbscan": Text("Sự việc", "Events"),
    "hdbscan": Text("Sự việc", "Events"),
    "space-time-dbscan": Text("Sự việc", "Events"),
    "coverage": Text("Mét", "Metres"),
    "best-sites": Text("Thứ tự", "Order"),
    "before-after": Text("Sau ÷ trước", "After ÷ before"),
    "trends": Text("Thay đổi mỗi lát", "Change a slice"),
    "bivariate": Text("Trên km²", "Per km²"),
    "exposure": Text("Trong vùng", "In zones"),
    "zonal": Text("Trung bình", "Mean"),
}
KNOWN = {kind.value: (kind.title, kind.color) for kind in KINDS} | {
    "same": (Text("Không đổi rõ", "No clear change"), "#c9d2de"),
    "too-few": (Text("Quá ít để xếp hạng", "Too few to rank"), "#eef1f5"),
    "empty": (Text("Không có số liệu", "No figures"), "#f4f5f7"),
}


def kind_of(kind: str, figures: dict[str, Any]) -> tuple[Text, str]:
    """A kind's words and its colour, as map and legend show it."""
    if kind in KNOWN:
        return KNOWN[kind]
    stem, _, rest = kind.partition("-")
    if stem in {"band", "class"} and rest.isdigit():
        return _banded(stem, int(rest), figures)
    if stem == "pair":
        return _paired(rest, len(figures.get("table") or [0] * 3))
    return Text(kind, kind), "#7b8aa3"


def _banded(stem: str, number: int, figures: dict[str, Any]) -> tuple[Text, str]:
    limits = list(figures.get("limits") or [])
    unit = str(figures.get("unit") or "")
    edges = limits if stem == "band" else [None, *limits]
    many = len(limits) if stem == "band" else len(figures.get("counts") or limits)
    low = edges[number - 1] if number <= len(edges) else None
    high = edges[number] if number < len(edges) else None
    ramp = HEAT if stem == "band" else RAMP
    return _between(low, high, unit), sampled(ramp, min(number, many), many)


def _between(low: float | None, high: float | None, unit: str) -> Text:
    if low is None:
        return Text(f"đến {number(high or 0, 'vi')} {unit}", f"to {number(high or 0, 'en')} {unit}")
    if high is None:
        return Text(f"trên {number(low, 'vi')} {unit}", f"over {number(low, 'en')} {unit}")
    ends = [f"{number(low, side)} – {number(high, side)} {unit}" for side in ("vi", "en")]
    return Text(*ends)


def _paired(rest: str, side: int) -> tuple[Text, str]:
    """The pair of classes; its colour lies between four corners."""
    first, second = (int(part) for part in rest.split("-"))
    steps = max(1, side - 1)
    colour = between((first - 1) / steps, (second - 1) / steps)
    return Text(f"lớp {first} × lớp {second}", f"class {first} × class {second}"), colour


def number(value: float, language: str, digits: int = 3) -> str:
    """A number as a reader of the language writes it: few digits, thousands apart."""
    if value == int(value) and abs(value) < 1e15:
        text = f"{int(value):,}"
    elif abs(value) >= 100:
        text = f"{value:,.0f}"
    elif abs(value) < 0.001:
        text = f"{value:.0e}"
    else:
        text = f"{value:,.{digits}g}"
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))
