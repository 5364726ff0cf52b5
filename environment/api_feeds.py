"""Providers and how their files are read: kept, and tried on a file before use."""

import io
from collections import Counter
from itertools import islice
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Schema, UploadedFile
from pydantic import Field as Bound

from environment import actions, parameters, quality, queries
from environment.ingest import mapping as maps
from environment.ingest.formats import BadRow, RawRow, UnreadableFile
from environment.models import Provider, Receipt
from geo.errors import Refused
from ioc.accounts.auth import session_or_token

router = Router(tags=["environment"])

MOST_BYTES, TRIED_ROWS, SHOWN_ROWS = 20 * 2**20, 2000, 20


class ProviderIn(Schema):
    name: str = Bound(min_length=1, max_length=160)
    mapping: dict[str, Any]


def _may(request: HttpRequest, right: str = "change_provider") -> None:
    if not request.user.has_perm(f"environment.{right}"):
        raise PermissionError


def _told(provider: Provider) -> dict[str, Any]:
    return {"code": provider.code, "name": provider.name, "mapping": provider.mapping,
            "changed_at": provider.changed_at}  # fmt: skip


@router.get("/providers", auth=session_or_token, summary="Who sends files, and how they are read")
def providers(request: HttpRequest) -> list[dict[str, Any]]:
    _may(request)
    return [_told(p) for p in Provider.objects.all()[:500]]


@router.put("/providers/{slug:code}", auth=session_or_token, summary="Keep a provider's mapping")
def put_provider(request: HttpRequest, code: str, given: ProviderIn) -> dict[str, Any]:
    """The mapping is checked: unknown names, units and zones are refused."""
    _may(request)
    maps.mapping_of(given.mapping)
    provider, _created = Provider.objects.update_or_create(
        code=code[:60], defaults={"name": given.name, "mapping": given.mapping}
    )
    return _told(provider)


@router.post("/mappings/try", auth=session_or_token, summary="Try a mapping on a file")
def try_mapping(
    request: HttpRequest,
    file: UploadedFile = File(...),  # noqa: B008
    mapping: str = Form(...),
) -> dict[str, Any]:
    """What the first 2000 rows would become. Nothing is kept."""
    _may(request)
    rows = _rows(file, maps.mapping_of(_json(mapping)))
    known, now = queries.stations(), timezone.now()
    found, reasons = [], Counter[str]()
    taken = 0
    for row in rows:
        told = _judged(row, known, now)
        taken += told["status"] == "accepted"
        if told["message"]:
            reasons[told["message"]] += 1
        if len(found) < SHOWN_ROWS:
            found.append(told)
    return {"rows": len(rows), "accepted": taken, "reasons": dict(reasons.most_common(20)),
            "first": found}  # fmt: skip


@router.post("/providers/{slug:code}/file", auth=session_or_token, summary="Send a provider's file")
def send_file(
    request: HttpRequest,
    code: str,
    file: UploadedFile = File(...),  # noqa: B008
) -> dict[str, Any]:
    """The file by the provider's mapping; each row is taken, flagged or set aside with a reason."""
    _may(request, "add_observation")
    provider = Provider.objects.filter(code=code).first()
    if provider is None:
        raise Http404
    rows = _rows(file, maps.mapping_of(provider.mapping), None)
    receipt = actions.open_receipt(source=provider.code, via=Receipt.Via.FILE, name=file.name or "")
    outcome = actions.Outcome()
    for start in range(0, len(rows), 10_000):
        outcome.add(actions.record(rows[start : start + 10_000], receipt=receipt))
    names = ("accepted", "duplicate", "refused", "flagged")
    return {**{n: outcome.counts[n] for n in names},
            "reasons": dict(outcome.reasons.most_common(20))}  # fmt: skip


def _json(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("bad-mapping", _("The mapping is not JSON."), status=422) from None


def _rows(
    file: UploadedFile, mapping: maps.Mapping, most: int | None = TRIED_ROWS
) -> list[RawRow | BadRow]:
    if (file.size or 0) > MOST_BYTES:
        raise Refused("too-large", _("A file may have 20 MiB."), status=413)
    try:
        text = io.StringIO(file.read().decode("utf-8-sig"), newline="")
        return list(islice(maps.rows_of(text, file.name or "file", mapping), most))
    except UnicodeDecodeError:
        raise Refused("bad-file", _("The file is not UTF-8 text."), status=422) from None
    except UnreadableFile as error:
        raise Refused("bad-file", str(error), status=422) from None


def _judged(row: RawRow | BadRow, known: queries.Stations, now: Any) -> dict[str, Any]:
    """What would become of a row, judged alone."""
    if isinstance(row, BadRow):
        return {"line": row.line, "status": "refused", "message": row.message}
    sensor = known.find(row.station, row.name)
    parameter = parameters.find(row.parameter)
    told = {"line": row.line, "station": sensor.code if sensor else row.station, "time": row.at,
            "parameter": parameter.code if parameter else row.parameter,
            "raw": str(row.value), "unit": row.unit}  # fmt: skip
    try:
        if sensor is None:
            raise quality.Unusable("unknown-station", f"station {row.station!r} is not known")
        if parameter is None:
            raise quality.Unusable("unknown-parameter", f"{row.parameter!r} is not known")
        quality.check_time(row.at, now)
        verdict = quality.judge(parameter, row.value, row.unit)
    except quality.Unusable as error:
        return {**told, "status": "refused", "message": str(error)}
    return {**told, "status": "accepted", "value": verdict.value, "flag": verdict.flag,
            "message": verdict.note}  # fmt: skip
