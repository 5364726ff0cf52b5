"""What becomes of the simulated reports: rules, six weeks of history, and staff who work on them.

History is written by the same log as every case, dated in the past; what happens from then on is
done through the moves of the desk, by the demo accounts.
"""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import structlog
from asgiref.sync import sync_to_async
from django.db import connections, transaction
from django.utils import timezone

from geo.crs import city, point
from geo.errors import Refused
from geo.models import District
from ioc.accounts.models import Agency, User
from ioc.accounts.roles import Role
from ioc.demo.citizens import place_in, story_of, weights
from ioc.reports import terms
from ioc.reports.actions import digest_of
from ioc.reports.actions.log import Entry, append, begin
from ioc.reports.actions.moves import Item, perform
from ioc.reports.actions.reporters import answer, rate
from ioc.reports.actions.submit import free_code
from ioc.reports.models import Category, Photo, Report, Reporter, RoutingRule
from ioc.reports.shown import category_out
from ioc.reports.workflow import Actor, State

DAYS = 42
A_DAY = 9
EVERY_S = 25
FIRST_STEPS = 70
LEFT_ALONE = timedelta(minutes=20)
NOTE = "Mô phỏng, không phải quy tắc thật. Synthetic, not a real rule."

log = structlog.get_logger(__name__)

ANSWERS = (
    "Đơn vị đã kiểm tra hiện trường và xử lý xong. Cảm ơn phản ánh của ông/bà.",
    "Tổ duy tu đã khắc phục trong ngày, đề nghị người dân tiếp tục theo dõi.",
    "Đã nhắc nhở và lập biên bản, khu vực đã trở lại bình thường.",
)
PLANS = ("Hạng mục nằm trong đợt duy tu tuần tới.", "Chờ vật tư, sẽ thi công trong tuần.")
QUESTIONS = ("Xin cho biết vị trí gần số nhà nào?", "Sự việc xảy ra vào khung giờ nào?")
REPLIES = ("Ngay trước quán tạp hóa, đối diện trạm xe buýt.", "Thường là sau 18 giờ.")


def prepare() -> None:
    """The demo's officer has an agency, and reports have rules to go by. Safe to repeat."""
    agencies = {agency.code: agency for agency in Agency.objects.filter(active=True)}
    used = [code for code in Category.objects.values_list("agency", flat=True) if code in agencies]
    if not used:
        return
    busiest = agencies[max(sorted(set(used)), key=used.count)]
    officer = User.objects.filter(username=Role.AGENCY_OFFICER.value, demo=True, agency=None)
    officer.update(agency=busiest)
    if RoutingRule.objects.exists():
        return
    mine = list(
        Category.objects.filter(agency=busiest.code, active=True).values_list("pk", flat=True)
    )
    RoutingRule.objects.create(
        order=10, name="Vệ sinh, hạ tầng đô thị", agency=busiest, live=True, note=NOTE,
        conditions={"categories": mine},
    )  # fmt: skip
    if (power := agencies.get("dien-luc")) is not None:
        RoutingRule.objects.create(
            order=20, name="Điện, đèn đường ban đêm", agency=power, live=False, note=NOTE,
            conditions={"words": ["đèn", "điện", "cột điện"], "hours": ["18:00", "06:00"]},
        )  # fmt: skip


def history(seed: int) -> int:
    """How many past cases were written; those of an earlier run are left as they are."""
    rng = Random(f"{seed}/history")
    districts = list(District.objects.filter(retired_at=None))
    agencies = Agency.objects.filter(active=True).values("code")
    told = [(one, story) for one in Category.objects.filter(active=True, agency__in=agencies)
            if (story := story_of(category_out(one)))]  # fmt: skip
    if not districts or not told:
        return 0
    odds, made = weights(districts), 0
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(DAYS, 0, -1):
        day = today - timedelta(days=back)
        for number in range(A_DAY if day.weekday() < 5 else A_DAY // 2):
            key = uuid5(NAMESPACE_URL, f"demo/{seed}/past/{day.date()}/{number}")
            lon, lat = place_in(rng.choices(districts, odds)[0], rng)
            category, story = rng.choice(told)
            at = day + timedelta(hours=rng.triangular(6, 21, 9), seconds=rng.random() * 3600)
            lines = list(takewhile(_is_over, _life(rng, category, at, back)))
            if not Report.objects.filter(client_key=digest_of(key)).exists():
                _write(digest_of(key), category, rng.choice(story.vi), (lon, lat), at, lines)
                made += 1
    return made


def _is_over(line: Entry) -> bool:
    """Whether it lies in the past: a case may have begun yesterday evening."""
    return line.at is not None and line.at < timezone.now()


def _life(rng: Random, category: Category, at: datetime, back: int) -> Iterator[Entry]:
    """What became of one past report, line by line."""
    step = at + timedelta(hours=rng.uniform(0.2, 5))
    agency = {"agency": category.agency}
    yield Entry(kind="assign", by_kind=Actor.CENTRE, facts=agency, detail=agency, at=step)
    step += timedelta(hours=rng.uniform(0.5, 9))
    yield Entry(kind="accept", by_kind=Actor.AGENCY, at=step)
    if back < 6 and rng.random() < 0.25:
        return
    if rng.random() < 0.15:
        step += timedelta(hours=rng.uniform(1, 20))
        yield Entry(
            kind="ask_reporter", by_kind=Actor.AGENCY, at=step, public_words=rng.choice(QUESTIONS)
        )
        step += timedelta(hours=rng.uniform(1, 30))
        yield Entry(kind="answer", by_kind=Actor.REPORTER, at=step)
    step += timedelta(hours=rng.lognormvariate(3.9, 1.1))
    yield Entry(kind="resolve", by_kind=Actor.AGENCY, at=step, public_words=rng.choice(ANSWERS))
    step += timedelta(hours=rng.uniform(2, 40))
    if rng.random() < 0.7:
        verdict = rng.choices(("satisfied", "accepts", "not_satisfied"), (70, 21, 9))[0]
        if verdict == "not_satisfied" and back > 8:
            verdict = "accepts"
        kind = "dispute" if verdict == "not_satisfied" else "rate"
        detail = {"reason": "came-back"} if kind == "dispute" else {}
        yield Entry(
            kind=kind, by_kind=Actor.REPORTER, facts={"satisfied": verdict}, detail=detail, at=step
        )


@transaction.atomic
def _write(
    key: Any, category: Category, words: str, at: tuple[float, float], when: datetime,
    lines: list[Entry],
) -> None:  # fmt: skip
    here = city()
    report = Report(
        code=free_code(here.slug if here else ""),
        client_key=key,
        geom=point(*at),
        category=category,
        words=words,
        words_public=words,
        district=District.objects.filter(retired_at=None, geom__intersects=point(*at)).first(),
        received_at=when,
        source="demo",
        synthetic=True,
    )
    facts = terms.facts_of(report)
    begin(report, Entry(kind="submit", by_kind=Actor.REPORTER, at=when, facts=facts))
    Reporter.objects.create(report=report)
    append(report, *lines, tell=False)


def step(seed: int, slot: int) -> str:
    """The move that one simulated case made, or nothing where none waits for one."""
    rng = Random(f"{seed}/case/{slot}")
    operator = User.objects.filter(username=Role.OPERATOR.value, demo=True).first()
    if operator is None:
        return ""
    cases = Report.objects.filter(synthetic=True, source="demo", parent=None)
    waiting = cases.filter(changed_at__lt=timezone.now() - LEFT_ALONE)
    if slot < FIRST_STEPS:
        waiting = cases.filter(received_at__gt=timezone.now() - timedelta(days=1))
    states = [*State.values[:7], State.RESOLVED]
    ids = waiting.filter(state__in=states, satisfied="").values_list("pk", flat=True)[:400]
    if not ids:
        return ""
    report = Report.objects.select_related("category", "agency").get(pk=rng.choice(list(ids)))
    try:
        return _advance(report, operator, rng, slot)
    except Refused:  # somebody else was quicker, or its time is over
        return ""


def _advance(report: Report, operator: User, rng: Random, slot: int) -> str:
    key = uuid5(NAMESPACE_URL, f"demo/{report.code}/{report.version}/{slot}")
    if report.state == State.WAITING_FOR_REPORTER:
        answer(report, key=key, words=rng.choice(REPLIES))
        return "answer"
    if report.state == State.RESOLVED:
        verdict = rng.choices(("satisfied", "accepts", "not_satisfied"), (70, 22, 8))[0]
        rate(report, key=key, verdict=verdict, reason="not-done")
        return verdict
    move, fields = _choice(report, rng)
    (result,) = perform(operator, move, [Item(report.code, report.version)], key, fields)
    if result.error is None and rng.random() < 0.5:
        _publish(report, operator, key)
    return move if result.error is None else ""


def _choice(report: Report, rng: Random) -> tuple[str, dict[str, Any]]:
    agency = report.agency.code if report.agency else report.category.agency
    match report.state:
        case State.SUBMITTED | State.TRIAGED:
            return "assign", {"agency": agency}
        case State.ASSIGNED | State.REOPENED:
            return "accept", {}
        case State.PLANNED | State.WAITING_FOR_THIRD_PARTY:
            return "resume", {}
    ahead = timezone.localdate() + timedelta(days=rng.randint(1, 9))
    moves: list[tuple[str, dict[str, Any]]] = [
        ("resolve", {"public_words": rng.choice(ANSWERS)}),
        ("ask_reporter", {"public_words": rng.choice(QUESTIONS)}),
        ("plan", {"public_words": rng.choice(PLANS), "planned_for": str(ahead)}),
        ("wait_third_party", {"public_words": rng.choice(PLANS), "until": str(ahead)}),
    ]
    return rng.choices(moves, (60, 15, 15, 10))[0]


def _publish(report: Report, operator: User, key: Any) -> None:
    """Half of what is drawn and said in the demo is shown to its public."""
    fresh = Report.objects.get(pk=report.pk)
    names = list(Photo.objects.filter(report=fresh, published=False).values_list("name", flat=True))
    fields = {"words": fresh.words, "photos": names}
    again = uuid5(key, "publish")
    perform(operator, "publish", [Item(fresh.code, fresh.version)], again, fields)


def _in_thread(work: Any, *given: Any) -> Any:
    try:
        return work(*given)
    finally:
        connections.close_all()  # this thread may not be the one that comes next


def past(seed: int) -> int:
    """`history`, in a thread of its own."""
    return int(_in_thread(history, seed))


async def run(seed: int) -> None:
    """One step every 25 s until cancelled, after the first ones at once."""
    away = sync_to_async(_in_thread, thread_sensitive=False)
    for slot in range(FIRST_STEPS):
        await away(step, seed, slot)
    while True:
        moved = await away(step, seed, int(time.time() // EVERY_S))
        log.debug("demo-case-moved", move=moved)
        await asyncio.sleep(EVERY_S)
