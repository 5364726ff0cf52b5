"""What an event of a camera can be, with its words, its colour and how sightings of it merge."""

from __future__ import annotations

from dataclasses import dataclass

from geo.text import Text


@dataclass(frozen=True)
class Kind:
    """`still`: what stands. Its sightings in one place, soon after another, are one event.

    `zone`: said of a place and not of a vehicle, so that any two of one rule are the same thing.
    """

    title: Text
    heading: Text
    color: str
    shape: str
    still: bool = False
    zone: bool = False
    cool_down_s: float = 0.0
    severity: str = "moderate"


def _still(title: Text, heading: Text, color: str, shape: str = "triangle") -> Kind:
    return Kind(title, heading, color, shape, still=True, cool_down_s=120)


def _zone(title: Text, heading: Text, color: str, severity: str = "moderate") -> Kind:
    return Kind(title, heading, color, "square", zone=True, cool_down_s=300, severity=severity)


KINDS: dict[str, Kind] = {
    "line": Kind(
        Text("Qua vạch đếm", "Line crossed"), Text("Xe qua vạch", "Line crossed"),
        "#57a5ff", "circle", severity="minor",
    ),
    "stopped": _still(
        Text("Dừng trên đường", "Stopped"),
        Text("Xe dừng trên đường", "Vehicle stopped on the road"), "#f39c12",
    ),
    "wrong_way": Kind(
        Text("Đi ngược chiều", "Wrong way"),
        Text("Xe đi ngược chiều", "Vehicle going the wrong way"), "#e4572e", "diamond",
    ),
    "no_parking": _still(
        Text("Đỗ nơi cấm", "No parking"),
        Text("Xe đỗ nơi cấm", "Vehicle parked where it may not"), "#d98032",
    ),
    "red_light": Kind(
        Text("Vượt đèn đỏ", "Red light"), Text("Xe vượt đèn đỏ", "Vehicle passed a red light"),
        "#e43f5a", "diamond",
    ),
    "speed": Kind(
        Text("Quá tốc độ", "Speeding"), Text("Xe chạy quá tốc độ", "Vehicle over the speed limit"),
        "#c2186b", "diamond",
    ),
    "zone_entry": Kind(
        Text("Vào vùng", "Zone entry"), Text("Vào vùng cấm", "Something entered a watched zone"),
        "#a06cd5", "hexagon",
    ),
    "density": _zone(
        Text("Mật độ cao", "Dense traffic"), Text("Mật độ giao thông cao", "Dense traffic"),
        "#f0d54e", "minor",
    ),
    "crowd": _zone(
        Text("Tụ tập đông", "Crowd"), Text("Tụ tập đông người", "Crowd"), "#f0a04e",
    ),
    "unattended": _zone(
        Text("Vùng vắng người trực", "Unattended zone"),
        Text("Không có người trong vùng trực", "Nobody in a zone that should be attended"),
        "#8fa3b8",
    ),
    "flood": _zone(Text("Ngập đường", "Flood"), Text("Đường ngập", "Flood on the road"), "#3a86ff"),
    "fire": _zone(Text("Cháy", "Fire"), Text("Nghi có cháy", "Fire suspected"), "#e4572e"),
    "smoke": _zone(Text("Khói", "Smoke"), Text("Nghi có khói", "Smoke suspected"), "#9aa5b1"),
    "dumping": _zone(
        Text("Đổ rác", "Dumping"), Text("Nghi đổ rác trái phép", "Dumping suspected"), "#8c6d46",
    ),
    "encroachment": _zone(
        Text("Lấn chiếm vỉa hè", "Encroachment"),
        Text("Nghi lấn chiếm vỉa hè", "Encroachment on the pavement suspected"), "#b5838d",
    ),
    "billboard_defaced": _zone(
        Text("Bảng quảng cáo hỏng", "Billboard defaced"),
        Text("Nghi bảng quảng cáo hỏng", "Billboard defaced, as suspected"), "#cc79a7",
    ),
}  # fmt: skip


def kind_of(code: str) -> Kind:
    """The kind; a plain one under its own code where this list does not have it yet."""
    return KINDS.get(code) or Kind(Text(code, code), Text(code, code), "#a3b3c9", "circle")
