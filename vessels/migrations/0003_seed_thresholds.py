"""Figures of the law and of practice, each with its source; and rows that may not be changed."""

from datetime import date

from django.db import migrations

D26 = "Decree 26/2019/NĐ-CP, Art. {}"
D26_FROM = date(2019, 4, 25)
D37_FROM = date(2024, 5, 19)
HOUSE_FROM = date(2019, 4, 25)
HOUSE = "House setting, not law: {}"
MONITORFISH = "Practice of MonitorFish (France)"

ROWS = [
    ("vms_from_length", 15, "m", {}, D26_FROM, D26.format("44"),
     "Tàu phải lắp thiết bị giám sát hành trình từ", "Vessels must carry VMS from"),
    ("signal_lost", 6, "h", {}, D26_FROM, D26.format("44"),
     "Mất tín hiệu: phải báo vị trí mỗi", "Signal lost: position to be reported every"),
    ("signal_lost_long", 10, "d", {}, D26_FROM, D26.format("44"),
     "Mất tín hiệu: phải đưa tàu về cảng trong", "Signal lost: vessel to be in port within"),
    ("position_interval", 2, "h", {}, D37_FROM,
     "Decree 37/2024/NĐ-CP, Annex VII (at least 12 positions a day)",
     "Chu kỳ gửi vị trí", "Interval of positions"),
    ("position_interval", 2, "h", {"least_length_m": 24}, D37_FROM, "Practice under Decree 37/2024",
     "Chu kỳ gửi vị trí, tàu từ 24 m", "Interval of positions, vessels from 24 m"),
    ("position_interval", 3, "h", {"least_length_m": 15, "below_length_m": 24}, D37_FROM,
     "Practice under Decree 37/2024",
     "Chu kỳ gửi vị trí, tàu 15 m đến dưới 24 m", "Interval of positions, 15 m to under 24 m"),
    ("waters_offshore_from", 15, "m", {}, D26_FROM, D26.format("43"),
     "Chỉ đánh bắt vùng khơi từ", "Offshore waters only from"),
    ("waters_inshore_from", 12, "m", {}, D26_FROM, D26.format("43"),
     "Chỉ đánh bắt vùng lộng từ", "Inshore waters only from"),
    ("port_notice", 1, "h", {}, D26_FROM, "Rules on fishing ports: notify at least 1 h before",
     "Báo cảng trước khi vào, rời", "Port to be told before entry and leaving"),
    ("devices_most", 2, "pcs", {}, date(2026, 1, 1),
     "Decree 41/2026 (day of effect not confirmed; the year's first stands in)",
     "Số thiết bị tối đa trên tàu", "Devices aboard at most"),
    ("provider_up_share", 0.5, "share", {}, HOUSE_FROM, MONITORFISH,
     "Nhà cung cấp hoạt động khi nghe được hơn", "Provider is up above a share heard of"),
    ("provider_window", 1, "h", {}, HOUSE_FROM, MONITORFISH,
     "Nhà cung cấp: nghe trong vòng", "Provider: heard within"),
    ("provider_least_beacons", 5, "pcs", {}, HOUSE_FROM,
     HOUSE.format("fewer beacons tell nothing of their provider"),
     "Nhà cung cấp: số thiết bị ít nhất", "Provider: beacons at least"),
    ("ais_on_vms_off", 6, "h", {}, D26_FROM, D26.format("44"),
     "AIS bật mà VMS tắt quá", "AIS on while VMS is off for"),
    ("ais_heard", 1, "h", {}, HOUSE_FROM, HOUSE.format("AIS counts as on if heard within"),
     "AIS coi là bật nếu nghe trong", "AIS counts as on if heard within"),
    ("declared_no_track", 3, "h", {}, HOUSE_FROM,
     HOUSE.format("the longest interval of positions in practice"),
     "Đã khai rời cảng mà không có vị trí sau", "Departure declared, no position after"),
    ("near_line", 30, "min", {}, HOUSE_FROM, HOUSE.format("time to warn a skipper"),
     "Sắp vượt ranh giới trong", "Line reached within"),
    ("fishing_speed_least", 0.5, "kn", {}, HOUSE_FROM,
     "Speed rule of fishing detection; the least here is that of a vessel that lies still",
     "Tốc độ đánh bắt từ", "Fishing speed from"),
    ("fishing_speed_most", 5.5, "kn", {}, HOUSE_FROM, "Speed rule of fishing detection",
     "Tốc độ đánh bắt đến", "Fishing speed to"),
    ("fishing_time", 60, "min", {}, HOUSE_FROM, "Speed rule of fishing detection: 60 min at sea",
     "Đánh bắt liên tục ít nhất", "Fishing for at least"),
    ("cpa_distance", 0.5, "nm", {}, HOUSE_FROM, HOUSE.format("closest approach"),
     "Khoảng cách gặp gần nhất dưới", "Closest approach under"),
    ("cpa_time", 20, "min", {}, HOUSE_FROM, HOUSE.format("time to closest approach"),
     "Thời gian đến khi gặp gần nhất dưới", "Time to closest approach under"),
    ("cpa_ship_length", 60, "m", {}, HOUSE_FROM,
     HOUSE.format("one of the two is at least this long; small boats fish side by side"),
     "Một tàu dài ít nhất", "One of the two at least"),
    ("kept", 36, "months", {}, date(2026, 1, 1),
     "Decree 41/2026 (day of effect not confirmed; the year's first stands in)",
     "Lưu hành trình ít nhất", "Tracks kept for at least"),
]  # fmt: skip
FORWARD = """
CREATE FUNCTION vessels_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER vessels_step_append_only BEFORE UPDATE OR DELETE ON vessels_alertstep
    FOR EACH ROW EXECUTE FUNCTION vessels_refuse_change();
CREATE TRIGGER vessels_declaration_append_only BEFORE UPDATE ON vessels_declaration
    FOR EACH ROW WHEN (OLD.by_id IS NOT DISTINCT FROM NEW.by_id)
    EXECUTE FUNCTION vessels_refuse_change();
ALTER TABLE vessels_fleet SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1);
"""
BACK = """
ALTER TABLE vessels_fleet RESET (fillfactor, autovacuum_vacuum_scale_factor);
DROP TRIGGER vessels_declaration_append_only ON vessels_declaration;
DROP TRIGGER vessels_step_append_only ON vessels_alertstep;
DROP FUNCTION vessels_refuse_change();
"""


def seed(apps, schema_editor):
    threshold = apps.get_model("vessels", "Threshold")
    names = (
        "kind",
        "value",
        "unit",
        "applies_to",
        "in_force_from",
        "source",
        "title_vi",
        "title_en",
    )
    threshold.objects.bulk_create(threshold(**dict(zip(names, row, strict=True))) for row in ROWS)


class Migration(migrations.Migration):
    dependencies = [("vessels", "0002_control")]

    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(FORWARD, BACK),
    ]
