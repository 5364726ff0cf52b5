"""A city's two years of reports and a million accounts, made by a fixed seed in SQL.

Shaped like the model city's: wards and categories of very different weight, half of the reports in
hot spots, 97 % closed, a backlog that is late, answers judged by half of the senders.
"""

import os
import time
from typing import Any

from ioc.bench._places import FUNCTIONS

REPORTS = int(os.environ.get("IOC_BENCH_REPORTS", "1000000"))
PEOPLE = int(os.environ.get("IOC_BENCH_PEOPLE", "1000000"))
WARDS_ACROSS, WARDS_DOWN = 8, 5
AGENCIES, OFFICERS_EACH = 60, 5
DAYS = 730
WEST, SOUTH, EAST, NORTH = 107.40, 16.30, 107.76, 16.60
CATEGORIES = {
    "construction-order": "Trật tự xây dựng", "hygiene": "Vệ sinh môi trường",
    "traffic": "Hạ tầng giao thông", "urban": "Hạ tầng đô thị", "security": "An ninh trật tự",
    "tourism": "Dịch vụ du lịch", "conduct": "Thái độ cán bộ",
}  # fmt: skip

MORE_FUNCTIONS = """
CREATE FUNCTION bench_code(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    WITH signs AS (
        SELECT place, ((n * 7919) % 28629151 / (31 ^ place)::bigint % 31)::int AS value
        FROM generate_series(0, 4) place
    ), body AS (
        SELECT string_agg(substr('23456789ABCDEFGHJKMNPQRSTUVWXYZ', value + 1, 1), ''
                          ORDER BY place) AS text,
               (sum((place + 2) * value) % 31)::int AS checked FROM signs
    )
    SELECT 'BEN-' || substr(text, 1, 4) || '-' || substr(text, 5, 1)
        || substr('23456789ABCDEFGHJKMNPQRSTUVWXYZ', checked + 1, 1) FROM body $$;
CREATE FUNCTION bench_words(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY['Rác', 'Đèn đường', 'Ổ gà', 'Nắp cống', 'Cây đổ', 'Nước thải', 'Biển báo',
                  'Vỉa hè', 'Tiếng ồn', 'Xe đỗ', 'Dây điện', 'Hàng rong'])
           [1 + (12 * spot(n, 31))::int % 12] || ' '
        || (ARRAY['chưa được thu gom', 'bị hỏng nhiều ngày', 'gây nguy hiểm cho người đi đường',
                  'bốc mùi hôi', 'lấn chiếm lối đi', 'ngập sau mưa', 'không ai xử lý'])
           [1 + (7 * spot(n, 32))::int % 7]
        || ' trước số nhà ' || (300 * spot(n, 33))::int || ' đường '
        || (ARRAY['Lê Lợi', 'Hùng Vương', 'Nguyễn Huệ', 'Bà Triệu', 'An Dương Vương', 'Chi Lăng'])
           [1 + (6 * spot(n, 34))::int % 6] || ', đề nghị đơn vị sớm kiểm tra.' $$;
"""

WARDS = """
INSERT INTO geo_district (code, name_vi, name_en, kind, geom, label_point, area_km2, pack,
                          schematic, updated_at)
SELECT 'w' || w, 'Phường ' || w, 'Ward ' || w, 'ward', ST_Multi(box), ST_Centroid(box), 30,
       'bench', true, now()
FROM generate_series(0, %(across)s * %(down)s - 1) w CROSS JOIN LATERAL (SELECT ST_MakeEnvelope(
    %(west)s + (%(east)s - %(west)s) * (w %% %(across)s) / %(across)s,
    %(south)s + (%(north)s - %(south)s) * (w / %(across)s) / %(down)s,
    %(west)s + (%(east)s - %(west)s) * (w %% %(across)s + 1) / %(across)s,
    %(south)s + (%(north)s - %(south)s) * (w / %(across)s + 1) / %(down)s, 4326) AS box) b
"""

PEOPLE_SQL = """
INSERT INTO accounts_user (password, is_superuser, username, first_name, last_name, email,
    is_staff, is_active, date_joined, role, display_name, language, demo, agency_id)
SELECT '!', false, 'person' || n, '', '', 'person' || n || '@example.vn', false, true, now(),
    CASE WHEN officer THEN 'agency_officer' ELSE 'citizen' END, '', 'vi', false,
    CASE WHEN officer THEN (%(agencies)s::bigint[])[1 + n %% %(n_agencies)s] END
FROM (SELECT n, n <= %(officers)s AS officer FROM generate_series(1, %(people)s) n) p
"""

TOKENS = """
INSERT INTO accounts_apitoken (user_id, name, hash, hint, permissions, created_at)
SELECT id, 'bench', encode(sha256(('bench-' || username)::bytea), 'hex'), 'bench', '[]', now()
FROM accounts_user WHERE username LIKE 'person%%'
"""

REPORTS_SQL = """
INSERT INTO reports_report (id, geom, geom_public, h3, source, synthetic, created_at, updated_at,
    code, client_key, words, language, state, emergency, accuracy_m, received_at, category_id,
    district_id, ack_at, ack_due_at, agency_id, attributes, changed_at, closed_at, dwell_due_at,
    me_too, moderation, next_clock, next_due_at, next_warn_at, next_escalation_at, officer_id,
    on_map, overdue, paused, reopened, resolve_due_at, resolve_warn_at, satisfied, spam_score,
    version, words_public, terms_id)
SELECT n, here, ST_SnapToGrid(here, 107, 16, 0.00187, 0.00181), 617700000000000000 + cell, 'web',
    true, at, changed_at, bench_code(n), md5(n::text)::uuid, bench_words(n), 'vi', state,
    spot(n, 50) < 0.01, 5 + 40 * spot(n, 51), at, (%(categories)s::text[])[1 + c],
    (%(districts)s::bigint[])[1 + w], ack_at, at + interval '1 day', agency_id, '{}', changed_at,
    closed_at, CASE WHEN closed_at IS NULL THEN changed_at + interval '5 days' END,
    CASE WHEN spot(n, 52) < 0.1 THEN (6 * spot(n, 53))::int ELSE 0 END, moderation,
    CASE WHEN running THEN 'resolve' ELSE '' END,
    CASE WHEN running THEN due_at END, CASE WHEN running THEN warn_at END,
    CASE WHEN running THEN due_at END,
    CASE WHEN agency_id IS NOT NULL AND spot(n, 54) < 0.7 THEN (%(officers)s::bigint[])
        [1 + (w * 7 + c) %% %(n_agencies)s + %(n_agencies)s * floor(spot(n, 55) * 5)::int] END,
    moderation = 'clear', coalesce(closed_at, now()) > due_at, paused, 0, due_at, warn_at,
    CASE WHEN state = 'resolved' AND spot(n, 56) < 0.5 THEN CASE
        WHEN spot(n, 57) < 0.7 THEN 'satisfied' WHEN spot(n, 57) < 0.908 THEN 'accepts'
        ELSE 'not_satisfied' END ELSE '' END,
    spot(n, 58) / 2, 1 + (ack_at IS NOT NULL)::int + (closed_at IS NOT NULL)::int,
    CASE WHEN spot(n, 59) < 0.1 THEN bench_words(n) ELSE '' END, %(terms)s
FROM generate_series(%(first)s, %(last)s) n
CROSS JOIN LATERAL (SELECT
    least(39, 40 * power(spot(n, 1), 1.6))::int AS w,
    least(6, 7 * power(spot(n, 2), 1.4))::int AS c,
    %(now)s - interval '1 day' * %(days)s * (1 - n::float8 / %(count)s) AS at,
    power(spot(n, 5), 3) * 20 AS took_days) a
CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(
    %(west)s + %(wide)s * (w %% 8 + CASE WHEN hot THEN least(.99, abs(
        spot(n %% 12 + w * 100, 1) + 0.02 * bell(n, 1))) ELSE spot(n, 8) END) / 8,
    %(south)s + %(high)s * (w / 8 + CASE WHEN hot THEN least(.99, abs(
        spot(n %% 12 + w * 100, 2) + 0.02 * bell(n, 2))) ELSE spot(n, 9) END) / 5), 4326) AS here,
    (spot(n, 10) * 4000)::bigint AS cell
    FROM (SELECT spot(n, 7) < 0.5 AS hot) h) b
CROSS JOIN LATERAL (SELECT
    at + interval '1 day' * took_days < %(now)s AND spot(n, 11) > 0.02 AS done,
    at + interval '1 day' * took_days AS done_at, at + interval '7 days' AS due_at,
    at + interval '134 hours' AS warn_at) d
CROSS JOIN LATERAL (SELECT CASE
    WHEN done AND spot(n, 12) < 0.04 THEN 'rejected'
    WHEN done AND spot(n, 12) < 0.07 THEN 'duplicate'
    WHEN done THEN 'resolved' WHEN spot(n, 13) < 0.15 THEN 'submitted'
    WHEN spot(n, 13) < 0.25 THEN 'triaged' WHEN spot(n, 13) < 0.45 THEN 'assigned'
    WHEN spot(n, 13) < 0.80 THEN 'in_progress' WHEN spot(n, 13) < 0.88 THEN 'waiting_for_reporter'
    WHEN spot(n, 13) < 0.93 THEN 'waiting_for_third_party' WHEN spot(n, 13) < 0.97 THEN 'planned'
    ELSE 'reopened' END AS state,
    CASE WHEN done THEN done_at END AS closed_at,
    CASE WHEN spot(n, 14) < 0.001 THEN 'held' WHEN spot(n, 14) < 0.003 THEN 'hidden'
    ELSE 'clear' END AS moderation) s
CROSS JOIN LATERAL (SELECT
    state IN ('waiting_for_reporter', 'waiting_for_third_party', 'planned') AS paused,
    CASE WHEN state NOT IN ('submitted', 'triaged') THEN
        at + interval '1 day' * least(took_days, spot(n, 15)) END AS ack_at,
    CASE WHEN state <> 'submitted' OR spot(n, 16) < 0.7 THEN
        (%(agencies)s::bigint[])[1 + (w * 7 + c) %% %(n_agencies)s] END AS agency_id) t
CROSS JOIN LATERAL (SELECT closed_at IS NULL AND NOT paused AS running,
    coalesce(closed_at, ack_at, at) AS changed_at) u
"""

EVENTS = """
INSERT INTO reports_reportevent (report_id, seq, at, kind, state, by_kind, public, public_words,
    private_words, detail, agency_id, by_id)
SELECT r.id, e.seq, e.at, e.kind, e.state, e.by_kind, true,
    CASE WHEN e.kind = 'resolve' THEN 'Đã xử lý xong, cảm ơn bạn đã phản ánh.' ELSE '' END, '',
    CASE WHEN e.kind = 'submit'
        THEN jsonb_build_object('set', jsonb_build_object('terms', r.terms_id)) ELSE '{}' END,
    CASE WHEN e.by_kind = 'agency' THEN r.agency_id END,
    CASE WHEN e.by_kind = 'agency' THEN r.officer_id END
FROM reports_report r CROSS JOIN LATERAL (VALUES
    (1, r.received_at, 'submit', 'submitted', 'reporter'),
    (2, r.ack_at, 'accept', 'in_progress', 'agency'),
    (3, r.closed_at, CASE r.state WHEN 'rejected' THEN 'reject' ELSE 'resolve' END, r.state,
        'agency')
) AS e(seq, at, kind, state, by_kind)
WHERE e.at IS NOT NULL AND r.id BETWEEN %(first)s AND %(last)s
"""

REPORTERS = """
INSERT INTO reports_reporter (report_id, created_at, user_id, email, language)
SELECT id, received_at, CASE WHEN spot(id, 60) < 0.4 THEN (%(first_person)s + floor(
    %(people)s * power(spot(id, 61), 2)))::bigint END, '', 'vi'
FROM reports_report
"""

FOLLOWERS = """
INSERT INTO reports_follower (report_id, key_digest, email, language, created_at, user_id)
SELECT r.id, md5('f' || k || '-' || r.id)::uuid, '', 'vi', r.received_at,
    CASE WHEN spot(r.id, 62) < 0.3 THEN (%(first_person)s + floor(
        %(people)s * spot(r.id * 10 + k, 63)))::bigint END
FROM reports_report r CROSS JOIN LATERAL generate_series(1, r.me_too) k
"""

PHOTOS = """
INSERT INTO reports_photo (report_id, name, file, thumb, width, height, sha256, created_at, kind,
    published)
SELECT id, md5('p' || id), 'reports/be/' || md5('p' || id) || '.jpg',
    'reports/be/' || md5('p' || id) || '.thumb.jpg', 1632, 1224, repeat('0', 64), received_at,
    'evidence', spot(id, 64) < 0.2
FROM reports_report WHERE spot(id, 65) < 0.6
"""


def load() -> dict[str, float]:
    """Seconds that each part of the city took to make."""
    from django.db import connection

    facts = _ground()
    took: dict[str, float] = {}

    def run(name: str, statement: str, **more: Any) -> None:
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(statement, facts | more)
        took[name] = took.get(name, 0.0) + time.perf_counter() - began

    run("functions", (FUNCTIONS + MORE_FUNCTIONS).replace("%", "%%"))
    run("people", PEOPLE_SQL)
    run("tokens", TOKENS)
    facts |= _people()
    step = 250_000
    for first in range(1, REPORTS + 1, step):
        last = min(REPORTS, first + step - 1)
        run("reports", REPORTS_SQL, first=first, last=last)
        run("events", EVENTS, first=first, last=last)
    run("reporters", REPORTERS)
    run("followers", FOLLOWERS)
    run("photos", PHOTOS)
    _settle()
    return took


def _ground() -> dict[str, Any]:
    """City, wards, categories, agencies and terms; what the SQL needs to know of them."""
    from django.contrib.gis.geos import Polygon
    from django.db import connection
    from django.utils import timezone

    from geo.models import City, District
    from ioc.accounts.models import Agency
    from ioc.reports import terms
    from ioc.reports.models import Category

    box = (WEST, SOUTH, EAST, NORTH)
    City.objects.create(slug="bench", name_vi="Bench", bounds=Polygon.from_bbox(box))
    names = [f"agency-{n:02}" for n in range(AGENCIES)]
    Agency.objects.bulk_create(Agency(code=name, name_vi=name, name_en=name) for name in names)
    for number, (code, title) in enumerate(CATEGORIES.items()):
        agency = names[number]
        Category.objects.create(code=code, name_vi=title, name_en=code, order=number, agency=agency)
    places = {"west": WEST, "south": SOUTH, "east": EAST, "north": NORTH}
    with connection.cursor() as cursor:
        cursor.execute(WARDS, places | {"across": WARDS_ACROSS, "down": WARDS_DOWN})
    frozen = terms.freeze(Category.objects.order_by("order")[0], False)
    return places | {
        "wide": EAST - WEST,
        "high": NORTH - SOUTH,
        "now": timezone.now(),
        "days": DAYS,
        "count": REPORTS,
        "people": PEOPLE,
        "n_agencies": AGENCIES,
        "officers": AGENCIES * OFFICERS_EACH,
        "agencies": list(Agency.objects.order_by("code").values_list("pk", flat=True)),
        "categories": list(CATEGORIES),
        "districts": list(District.objects.order_by("pk").values_list("pk", flat=True)),
        "terms": frozen.pk,
    }


def _people() -> dict[str, Any]:
    from ioc.accounts.models import User

    people = User.objects.filter(username__startswith="person").order_by("pk")
    # Person n works for agency n modulo AGENCIES: the first five rows of sixty, one an agency.
    officers = sorted(people[: AGENCIES * OFFICERS_EACH].values_list("agency", "pk"))
    by_turn = [
        officers[agency * OFFICERS_EACH + turn][1]
        for turn in range(OFFICERS_EACH)
        for agency in range(AGENCIES)
    ]
    return {"officers": by_turn, "first_person": people[0].pk}


def _settle() -> None:
    """Sequences past what was numbered by hand, counts folded, tables as autovacuum leaves them."""
    from django.db import connection

    from layers import grid

    grid.fold(0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('reports_report', 'id'), max(id))"
            " FROM reports_report"
        )
        for name in (
            "reports_report", "reports_reportevent", "reports_reporter", "reports_follower",
            "reports_photo", "accounts_user", "accounts_apitoken", "layers_gridcount",
        ):  # fmt: skip
            cursor.execute(f"VACUUM ANALYZE {name}")
