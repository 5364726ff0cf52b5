"""A million reports and a million accounts: how long people wait, beside a plain serializer.

Two web processes, as `up` starts them, answer one request at a time; then reports with photos come
in at 20 a second for five minutes. IOC_BENCH_REPORTS, IOC_BENCH_PEOPLE and IOC_BENCH_SUBMIT_S make
a run smaller.
"""

import hashlib
import http.client
import math
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from ioc.bench import _places, _reports, _submit
from ioc.ops.bench import Context, Figure
from ioc.ops.paths import VAR

SUBMIT_S = float(os.environ.get("IOC_BENCH_SUBMIT_S", "300"))
ASKED, NAIVE_ASKED = 300, 8
PLAIN = "plain serializer, p95"
API = "/api/v1/reports"


@dataclass
class Question:
    """What is asked again and again, each time of another place, agency or person."""

    figure: str
    target: str
    path: Callable[[], str]
    headers: Callable[[], dict[str, str]] = field(default=dict)
    naive: Callable[[], str] | None = None
    asked: int = ASKED
    naive_asked: int = NAIVE_ASKED


def run(ctx: Context) -> list[Figure]:
    VAR.mkdir(parents=True, exist_ok=True)
    with ctx.database(), tempfile.TemporaryDirectory(prefix="bench-", dir=VAR) as folder:
        took = _reports.load()
        say(f"made {_reports.REPORTS:,} reports and {_reports.PEOPLE:,} people: {took}")
        figures = [Figure("days of statistics counted", statistics(), "s")]
        figures += sign_in()
        with served(Path(folder)) as port:
            figures += [figure for one in questions() for figure in answers(port, one)]
            figures += submitted(port, Path(folder) / "media")
    return figures


def say(line: str) -> None:
    print(f"    {line}", file=sys.stderr, flush=True)


@contextmanager
def served(folder: Path, workers: int = 2) -> Iterator[int]:
    """The port of the product's web processes with their files in ``folder``."""
    port = _places.free_port()
    command = [
        sys.executable, "-m", "gunicorn", "ioc.bench._naive:application", "--worker-class",
        "ioc.ops.web.Worker", "--workers", str(workers), "--bind", f"127.0.0.1:{port}",
        "--timeout", "120", "--no-control-socket",
    ]  # fmt: skip
    extra = {
        "IOC_VAR": str(folder), "IOC_REPORTS_PER_HOUR": "10000000", "IOC_REPORTS_PROOF": "1",
        "IOC_OPEN311_PER_HOUR": "10000000", "IOC_STATEMENT_TIMEOUT_MS": "60000",
    }  # fmt: skip
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **extra}, stdout=log)
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read()
                    break
                except OSError:
                    if process.poll() is not None:
                        raise RuntimeError(f"web ended with {process.returncode}") from None
                    time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def p95(waits: list[float]) -> float:
    return sorted(waits)[math.ceil(0.95 * len(waits)) - 1]


def answers(port: int, question: Question) -> list[Figure]:
    """The question's figure with its peer's; nothing where the product has no such address."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=130)

    def waits(path: Callable[[], str], times: int) -> list[float]:
        found = []
        warm = 4 if times > 10 else 1
        for number in range(times + warm):
            address, headers = path(), question.headers()
            began = time.perf_counter()
            line.request("GET", address, headers=headers)
            answer = line.getresponse()
            body = answer.read()
            if number >= warm:
                found.append((time.perf_counter() - began) * 1000)
            if answer.status not in {200, 204}:
                raise LookupError(f"{address}: {answer.status} {body[:200]!r}")
        return found

    try:
        ours = waits(question.path, question.asked)
    except LookupError as error:
        say(f"left out: {error}")
        return []
    peer = p95(waits(question.naive, question.naive_asked)) if question.naive else None
    say(f"{question.figure}: p95 {p95(ours):.1f} ms, p50 {median(ours):.1f}, plain {peer}")
    return [
        Figure(
            question.figure, p95(ours), "ms", peer=PLAIN if peer else "", peer_value=peer,
            target=question.target,
        )
    ]  # fmt: skip


class City:
    """Places, people and boxes to ask about, drawn as the reports lie."""

    def __init__(self) -> None:
        from ioc.accounts.models import User
        from ioc.reports.models import Report

        self.rng = random.Random(3)
        self.places = [
            (point.x, point.y)
            for point in Report.objects.filter(
                pk__in=[self.rng.randint(1, _reports.REPORTS) for _ in range(2000)]
            ).values_list("geom", flat=True)
        ]
        officers = list(User.objects.filter(role="agency_officer").order_by("pk")[:60])
        self.officers = [(one.agency.code, cookie(one)) for one in officers if one.agency]
        operators = [User.objects.create_user(f"centre{n}", role="operator") for n in range(5)]
        self.operators = [cookie(one) for one in operators]
        self.asking: tuple[str, dict[str, str]] = ("", {})

    def box(self) -> str:
        """What a phone or a wall shows: from a few streets to the whole city."""
        lon, lat = self.rng.choice(self.places)
        half = 0.18 / 2 ** self.rng.uniform(0, 7)
        return f"{lon - half:.5f},{lat - half:.5f},{lon + half:.5f},{lat + half:.5f}"

    def place(self) -> str:
        lon, lat = self.rng.choice(self.places)
        return (
            f"lon={lon + self.rng.gauss(0, 0.0005):.6f}&lat={lat + self.rng.gauss(0, 0.0005):.6f}"
        )

    def tile(self, low: int, high: int) -> str:
        from ioc.bench.tiles import tile_of

        z, x, y = tile_of(*self.rng.choice(self.places), self.rng.randint(low, high))
        return f"{z}/{x}/{y}"

    def officer(self) -> str:
        """The code of an agency; `headers` are then those of one of its officers."""
        self.asking = self.rng.choice(self.officers)
        return self.asking[0]

    def team(self) -> str:
        self.officer()
        return self.rng.choice(["", "", *(f"&category={code}" for code in _reports.CATEGORIES)])

    def operator(self) -> str:
        self.asking = ("", self.rng.choice(self.operators))
        return self.rng.choice(["", *(f"&category={code}" for code in _reports.CATEGORIES)])

    def headers(self) -> dict[str, str]:
        return self.asking[1]

    def person(self) -> dict[str, str]:
        token = f"bench-person{self.rng.randint(301, _reports.PEOPLE)}"
        return {"Authorization": f"Bearer {token}"}


def cookie(user: Any) -> dict[str, str]:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


def questions() -> list[Question]:
    """Everything that is asked, with its target."""
    city = City()
    queue = f"{API}/desk/queue?order=due"
    return [
        Question(
            "public map box, list", "≤ 50", lambda: f"{API}/public?bbox={city.box()}",
            naive=lambda: f"/naive/box?bbox={city.box()}",
        ),
        Question("public map box, tiles z10–16", "≤ 50",
                 lambda: f"/tiles/reports/{city.tile(10, 16)}.mvt"),
        Question("nearby", "≤ 20", lambda: f"{API}/nearby?{city.place()}",
                 naive=lambda: f"/naive/nearby?{city.place()}"),
        Question("desk queue page, an agency's", "≤ 80",
                 lambda: f"{queue}&view=team{city.team()}", city.headers,
                 naive=lambda: f"/naive/queue?agency={city.officer()}"),
        Question("desk queue page, the centre's", "≤ 80",
                 lambda: f"{queue}&view=all{city.operator()}", city.headers,
                 naive=lambda: "/naive/queue"),
        Question("desk triage page", "≤ 80", lambda: f"{queue}&view=triage{city.operator()}",
                 city.headers),
        Question("Open311 list of 100", "≤ 60",
                 lambda: "/open311/v2/requests.json?page_size=100"
                 f"&service_code={city.rng.choice(list(_reports.CATEGORIES))}",
                 naive=lambda: "/naive/requests"),
        Question("statistics by ward over a year", "≤ 300",
                 lambda: f"{API}/statistics?by=ward", asked=40, naive_asked=2,
                 naive=lambda: "/naive/statistics"),
        Question("by token: what I sent and follow", "≤ 20", lambda: f"{API}/mine", city.person),
    ]  # fmt: skip


def statistics() -> float:
    """Seconds that counting two years of days took."""
    from ioc.reports import statistics as figures

    began = time.perf_counter()
    figures.refresh_all()
    return time.perf_counter() - began


def sign_in() -> list[Figure]:
    """Milliseconds to find one of a million accounts, as signing in does; hashing comes after."""
    from allauth.account.utils import filter_users_by_email, filter_users_by_username

    rng, figures = random.Random(4), []
    for name, find, suffix in (
        ("name", filter_users_by_username, ""),
        ("email", filter_users_by_email, "@example.vn"),
    ):
        waits = []
        for _ in range(60):
            wanted = f"person{rng.randint(1, _reports.PEOPLE)}{suffix}"
            began = time.perf_counter()
            if not list(find(wanted)):
                raise LookupError(wanted)
            waits.append((time.perf_counter() - began) * 1000)
        figures.append(Figure(f"account found by {name}", p95(waits), "ms", target="≤ 20"))
    return figures


def submitted(port: int, media: Path) -> list[Figure]:
    """Reports with photos at 20 a second: the wait, and whether each is there once and whole."""
    from ioc.reports.actions import digest_of
    from ioc.reports.models import Photo, Report

    say(f"sending for {SUBMIT_S:.0f} s")
    began = Report.objects.count()
    sent = _submit.send(port, rate=20, seconds=SUBMIT_S)
    keys = {digest_of(UUID(key)): codes for key, codes in sent.codes.items()}
    stored = dict(
        Report.objects.filter(client_key__in=list(keys)).values_list("client_key", "code")
    )
    lost = sum(stored.get(key) not in codes for key, codes in keys.items())
    photos = list(Photo.objects.filter(report__client_key__in=list(keys)))
    spoilt = sum(not whole(photo, media) for photo in photos)
    doubled = sum(len(codes) > 1 for codes in keys.values())
    doubled += Report.objects.count() - began - len(stored) + len(photos) - len(stored)
    say(f"{len(sent.waits)} sent, {len(stored)} stored, refused: {sent.refused}")
    return [
        Figure("submit with a 2-megapixel photo, 20/s, p95", p95(sent.waits), "ms", target="≤ 300"),
        Figure("submit, p50", sorted(sent.waits)[len(sent.waits) // 2], "ms"),
        Figure("acknowledged", len(keys) / (20 * SUBMIT_S) * 100, "%", target="= 100"),
        Figure("acknowledged and lost", lost + spoilt, "", target="= 0"),
        Figure("doubled", doubled, "", target="= 0"),
    ]


def whole(photo: Any, media: Path) -> bool:
    """Whether both files lie there and the photo is the one that was drawn."""
    try:
        data, thumb = ((media / name).read_bytes() for name in (photo.file.name, photo.thumb.name))
    except OSError:
        return False
    return bool(thumb) and hashlib.sha256(data).hexdigest() == photo.sha256
