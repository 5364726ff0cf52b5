"""What an alert may be: words, severity, how urgent, whether it may close itself. Pure."""

from dataclasses import dataclass

from geo.text import Text


@dataclass(frozen=True)
class AlertKind:
    """One kind of alert. A lower rank needs an officer sooner."""

    code: str
    title: Text
    severity: str
    rank: int
    passes: bool = False
    """Whether it closes by itself when it is over and nobody has touched it."""


KINDS = {
    kind.code: kind
    for kind in (
        AlertKind(
            "collision_risk", Text("Nguy cơ va chạm", "Risk of collision"), "extreme", 1, True
        ),
        AlertKind("storm", Text("Trong vùng bão", "In a storm's way"), "extreme", 2, True),
        AlertKind("zone_entry", Text("Vượt ranh giới", "Over the line"), "severe", 10),
        AlertKind("zone_exit", Text("Ra khỏi vùng biển", "Left the waters"), "severe", 11),
        AlertKind(
            "signal_lost_long",
            Text("Mất tín hiệu quá 10 ngày", "Signal lost over 10 days"), "severe", 20,
        ),
        AlertKind(
            "ais_on_vms_off",
            Text("AIS bật, VMS tắt", "AIS on while VMS is off"), "moderate", 30,
        ),
        AlertKind(
            "declared_no_track",
            Text("Khai rời cảng, không có hành trình", "Declared departure, no track"),
            "moderate", 31, True,
        ),
        AlertKind(
            "shared_mmsi", Text("Một MMSI, hai tàu", "One MMSI, two vessels"), "moderate", 35
        ),
        AlertKind("signal_lost", Text("Mất tín hiệu", "Signal lost"), "moderate", 40, True),
        AlertKind(
            "provider_outage",
            Text("Nhà cung cấp gián đoạn", "Provider outage"), "moderate", 45, True,
        ),
        AlertKind("near_line", Text("Sắp đến ranh giới", "Near the line"), "minor", 50, True),
        AlertKind("encounter", Text("Gặp nhau trên biển", "Encounter"), "minor", 60),
        AlertKind("loitering", Text("Lảng vảng", "Loitering"), "minor", 61),
        AlertKind(
            "fishing_no_permit",
            Text("Có thể đánh bắt không phép", "Likely fishing without papers"), "moderate", 36,
        ),
    )
}  # fmt: skip

CAUSES = {
    "device_broken": Text("Thiết bị hỏng", "Device broken"),
    "power_off": Text("Mất nguồn điện", "No power aboard"),
    "no_coverage": Text("Ngoài vùng phủ sóng", "Out of coverage"),
    "provider": Text("Lỗi nhà cung cấp", "The provider's fault"),
    "in_port": Text("Tàu ở cảng", "Vessel in port"),
    "switched_off": Text("Cố ý tắt thiết bị", "Switched off on purpose"),
    "violation": Text("Vi phạm, đã lập hồ sơ", "Violation, on record"),
    "permitted": Text("Có phép hoạt động", "Had permission"),
    "weather": Text("Tránh bão, thời tiết xấu", "Shelter from weather"),
    "distress": Text("Tàu gặp nạn", "Vessel in distress"),
    "data_error": Text("Dữ liệu sai", "Wrong data"),
    "passed": Text("Đã qua", "Passed by itself"),
    "withdrawn": Text("Dữ liệu đến sau cho thấy không có", "Later data show that it was not so"),
}
BY_MACHINE = ("passed", "withdrawn")

STAGES = ("new", "seen", "called", "warned", "handed_over", "closed")
HANDED_OVER_RANK = 50
"""What an alert in another's hands gives way to those that wait for us."""


def moves_from(stage: str) -> list[str]:
    """The stages that may follow, in order: never back, and none may be asked for twice."""
    return list(STAGES[STAGES.index(stage) + 1 :])
