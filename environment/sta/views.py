"""SensorThings over HTTP: reading as who one is, writing with a token."""

from __future__ import annotations

import json
import re
from typing import Any

from django.conf import settings
from django.db import DataError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from environment.sta import changing, payload
from environment.sta.batch import Batch
from environment.sta.entities import (
    BY_NAME,
    BY_PLURAL,
    KINDS,
    Entity,
    observation_id,
    observation_key,
)
from environment.sta.faults import Fault
from environment.sta.options import Options, read
from environment.sta.reading import Reader, bounded
from environment.sta.writing import Writer
from geo.errors import Refused
from layers.viewers import bearer, viewer

SEGMENT = re.compile(r"^(?P<name>[A-Za-z]+)(?:\('?(?P<key>[\w.\-]{1,60})'?\))?$")
MOST_BYTES = 64 * 2**20
MQTT = "http://www.opengis.net/spec/iot_sensing/1.1/req/receive-updates-via-mqtt/receive-updates"
CONFORMANCE = [
    f"http://www.opengis.net/spec/iot_sensing/1.1/req/{part}"
    for part in (
        "datamodel", "resource-path", "request-data", "create-update-delete/create-entity",
        "create-update-delete/deep-insert", "create-update-delete/link-to-existing-entities",
        "data-array", "batch-request/batch-request",
    )
]  # fmt: skip
CONFORMANCE += [
    MQTT,
    "https://fraunhoferiosb.github.io/FROST-Server/extensions/JsonBatchRequest.html",
]


@csrf_exempt
def answer(request: HttpRequest, path: str = "") -> HttpResponse:
    """Any address below `/sta/v1.1/`. Writing takes a token: no cookie counts, none is forged."""
    try:
        return _answer(request, path.strip("/"))
    except Fault as fault:
        return _fault(fault)
    except Refused as refusal:
        return _fault(Fault(refusal.status, str(refusal.message), refusal.code))


def _fault(fault: Fault) -> HttpResponse:
    body = {"code": fault.status, "type": fault.code, "message": fault.message}
    response = JsonResponse(body, status=fault.status)
    if fault.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _answer(request: HttpRequest, path: str, known: Any = None) -> HttpResponse:
    """The answer to one call; `known` is who asks, where that is known. Raises: Fault, Refused."""
    try:
        return _routed(request, path, known)
    except (DataError, UnicodeEncodeError):
        raise Fault(400, "A character, a number or a time here cannot be kept.") from None


def _routed(request: HttpRequest, path: str, known: Any) -> HttpResponse:
    root = request.build_absolute_uri("/sta/v1.1")
    if request.method in ("GET", "HEAD"):
        return _get(request, path, Reader(known or viewer(request), root))
    if request.method not in ("POST", "PATCH", "DELETE"):
        raise Fault(405, f"{request.method} is not answered here.")
    if not bearer(request):
        raise Fault(401, "Writing needs a token: Authorization: Bearer …", "unauthorized")
    user = known or viewer(request)
    if not user.is_authenticated:
        raise Fault(401, "This token is not valid.", "unauthorized")
    if path == "$batch" and request.method == "POST":
        batch = Batch(request, lambda inner, path: _answer(inner, path, user))
        return batch.answer(_raw(request))
    if request.method == "POST":
        return _post(request, path, Reader(user, root), Writer(user))
    entity, row = _one(path, Reader(user, root))
    with transaction.atomic():
        if request.method == "DELETE":
            changing.delete(user, entity, row)
        else:
            changing.patch(user, entity, row, _body(request))
    return HttpResponse(status=200)


# -- reading ------------------------------------------------------------------------------------


def _get(request: HttpRequest, path: str, reader: Reader) -> HttpResponse:
    if not path:
        value = [{"name": e.plural, "url": f"{reader.root}/{e.plural}"} for e in KINDS]
        mqtt = settings.IOC_MQTT_PUBLIC_URL
        server: dict[str, Any] = {"conformance": CONFORMANCE}
        if mqtt:
            server[MQTT] = {"endpoints": [mqtt]}
        return JsonResponse({"value": value, "serverSettings": server})
    *way, last = path.split("/")
    mode = last if last in ("$value", "$ref", "$count") else ""
    segments = way if mode else [*way, last]
    given = {k: v for k, v in request.GET.items()}
    entity, rows, row, rest = _follow(segments, reader)
    if row is None and rest:
        raise Fault(404, f"{rest[0]} does not follow a collection.", "not-found")
    if rest:
        return _property(entity, row, rest, mode)
    options = read(entity, given)
    if row is not None:
        if mode == "$ref":
            return JsonResponse({"@iot.selfLink": reader.link(entity, row)})
        if mode:
            raise Fault(400, f"{mode} does not follow an entity.")
        return JsonResponse(reader.shown(entity, [row], options)[0])
    if mode == "$count":
        counted = reader.narrowed(entity, rows, options)
        return HttpResponse(str(bounded(counted.count)), content_type="text/plain")
    address = request.build_absolute_uri()
    if options.data_array:
        return JsonResponse(reader.data_array(rows, options, address))
    found = reader.collection(entity, rows, options, address)
    if mode == "$ref":
        found["value"] = [{"@iot.selfLink": item["@iot.selfLink"]} for item in found["value"]]
    return JsonResponse(found)


def _follow(segments: list[str], reader: Reader) -> tuple[Entity, Any, Any, list[str]]:
    """The kind at the end of a path, its rows or its one row, and what of the path is left."""
    name, key = _segment(segments[0])
    entity = BY_PLURAL.get(name)
    if entity is None:
        told = ", ".join(BY_PLURAL)
        raise Fault(404, f"{name} is not known; there are {told}.", "not-found")
    rows = entity.rows(reader.user)
    row = _pick(entity, rows, key)
    for at, segment in enumerate(segments[1:], start=1):
        if row is None:
            return entity, rows, None, segments[at:]
        name, key = _segment(segment)
        if name not in entity.relations:
            return entity, rows, row, segments[at:]
        entity, rows, many = reader.neighbours(entity, row, name)
        row = _pick(entity, rows, key) if many else rows.first()
        if row is None and not many:
            raise Fault(404, f"There is no {name}.", "not-found")
    return entity, rows, row, []


def _segment(text: str) -> tuple[str, str | None]:
    match = SEGMENT.match(text)
    if match is None:
        raise Fault(404, f"{text[:60]!r} is no part of an address.", "not-found")
    return match["name"], match["key"]


def _pick(entity: Entity, rows: Any, key: str | None) -> Any:
    if key is None:
        return None
    if entity.name == "Observation":
        pair = observation_key(key)
        row = rows.filter(datastream_id=pair[0], t=pair[1]).first() if pair else None
    else:
        row = rows.filter(pk=int(key)).first() if key.isdigit() and len(key) < 18 else None
    if row is None:
        raise Fault(404, f"{entity.name} {key} does not exist.", "not-found")
    return row


def _property(entity: Entity, row: Any, rest: list[str], mode: str) -> HttpResponse:
    value: Any = entity.shown(row)
    if len(rest) == 1 and rest[0] in entity.properties and rest[0] not in value:
        return HttpResponse(status=204)  # nothing was said
    for name in rest:
        if not isinstance(value, dict) or name not in value:
            raise Fault(404, f"{name[:60]!r} is no property of {entity.plural}.", "not-found")
        value = value[name]
    if mode == "$value":
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return HttpResponse(text, content_type="text/plain; charset=utf-8")
    return JsonResponse({rest[-1]: value})


# -- writing ------------------------------------------------------------------------------------


def _raw(request: HttpRequest) -> bytes:
    raw = request.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise Fault(413, f"A call may have {MOST_BYTES // 2**20} MiB.")
    return raw


def _body(request: HttpRequest) -> Any:
    return payload.json_of(_raw(request))


def _one(path: str, reader: Reader) -> tuple[Entity, Any]:
    entity, _rows, row, rest = _follow(path.split("/"), reader) if path else (None, None, None, [])
    if entity is None or row is None or rest:
        raise Fault(405, "Only one entity can be changed: name it, such as Things(1).")
    return entity, row


def _post(request: HttpRequest, path: str, reader: Reader, writer: Writer) -> HttpResponse:
    body = _body(request)
    if path == "CreateObservations":
        rows = writer.data_arrays(body)
        root = f"{reader.root}/Observations"
        links = [
            f"error: {wrong}" if wrong or not (stream and row)
            else f"{root}('{observation_id(stream.pk, row.at)}')"
            for stream, row, wrong in rows
        ]  # fmt: skip
        return JsonResponse(links, safe=False, status=201)
    *way, name = path.split("/")
    parent = None
    if way:
        owner, _rows, parent, rest = _follow(way, reader)
        relation = owner.relations.get(name)
        if parent is None or rest or relation is None or not relation.many:
            raise Fault(404, f"Nothing can be posted to {path[:80]}.", "not-found")
        entity = BY_NAME[relation.to]
    elif name in BY_PLURAL:
        entity = BY_PLURAL[name]
    else:
        raise Fault(404, f"Nothing can be posted to {path[:80]!r}.", "not-found")
    made = writer.create(entity.name, body, parent)
    response = JsonResponse(reader.shown(entity, [made], Options())[0], status=201)
    response["Location"] = reader.link(entity, made)
    return response
