"""Many calls in one: as JSON of OData 4.01 and of the reference server, or as multipart.

Source: OData Version 4.01 Part 1 §11.7 and OData JSON Format 4.01 §19; `$name` for what an earlier
call made as FROST-Server writes it. `environment.sta.multipart` is the standard's own form.
"""

from __future__ import annotations

import copy
import io
import json
import re
import time
from collections.abc import Callable
from itertools import groupby
from typing import Any
from urllib.parse import unquote

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict

from environment.sta import multipart, payload
from environment.sta.faults import Fault
from geo.errors import Refused

MOST_PARTS, LONGEST_S = 1000, 30.0
METHODS = ("GET", "POST", "PATCH", "DELETE")
NAME = re.compile(r"^[\w.:,;\-]{1,60}$")
Answer = Callable[[HttpRequest, str], HttpResponse]
Shown = dict[str, Any]


class Batch:
    """One batch: its parts in their order, each answered as if it had come alone."""

    def __init__(self, request: HttpRequest, each: Answer) -> None:
        self.request, self.each = request, each
        self.root = request.build_absolute_uri("/sta/v1.1")
        prefer = request.headers.get("Prefer", "").replace(" ", "").lower()
        self.go_on = re.search(r"continue-on-error(?!=false)", prefer) is not None
        self._made: dict[str, str] = {}
        self._failed: dict[str, None] = {}  # in their order
        self._until = time.monotonic() + LONGEST_S

    def answer(self, raw: bytes) -> HttpResponse:
        """An answer for each request, in the form that they came in. Raises: Fault."""
        content_type = self.request.headers.get("Content-Type", "")
        if content_type.partition(";")[0].strip().lower() == multipart.TYPE:
            return multipart.write(self.run(multipart.read(raw, content_type)))
        return JsonResponse({"responses": self.run(payload.json_of(raw))})

    def run(self, body: Any) -> list[Shown]:
        """`responses`, one for each of `requests`. Raises: Fault where the batch itself is wrong.

        Parts that follow each other with one `atomicityGroup` are kept all or not at all. After a
        part that fails the rest is not tried (424), unless `Prefer: continue-on-error`.
        """
        parts = _parts(body)
        responses: list[Shown] = []
        for group, members in groupby(parts, key=lambda part: part.get("atomicityGroup")):
            if group is None:
                responses += [self._alone(part) for part in members]
            else:
                responses += self._together(list(members), group)
        return responses

    def _stop(self, part: Shown) -> Fault | None:
        """Why a part is not tried."""
        for lost in self._failed:
            if lost in part["dependsOn"] or not self.go_on:
                return Fault(424, f"Not tried: {lost} failed before.", "failed-dependency")
        if time.monotonic() > self._until:
            return Fault(503, f"Not tried: a batch has {LONGEST_S:.0f} seconds.", "too-long")
        return None

    def _alone(self, part: Shown) -> Shown:
        if stop := self._stop(part):
            return self._lost(part, stop)
        try:
            return self._call(part)
        except RecursionError:
            return self._lost(part, Fault(400, "The body is nested too deep."))
        except Fault as fault:
            return self._lost(part, fault)
        except Refused as refusal:
            return self._lost(part, Fault(refusal.status, str(refusal.message), refusal.code))

    def _lost(self, part: Shown, fault: Fault) -> Shown:
        self._failed[part["id"]] = None
        return _told(part, fault)

    def _together(self, parts: list[Shown], group: str) -> list[Shown]:
        """The parts all or not at all."""
        found: list[Shown] = []
        held = dict(self._made)
        try:
            with transaction.atomic():
                for part in parts:
                    found.append(self._alone(part))
                    if found[-1]["status"] >= 400:
                        raise _Undone
        except _Undone:
            self._made = held
            self._failed[group] = None
            bad = found[-1]
            why = Fault(424, f"Taken back: {bad['id']} of its group failed.", "failed-dependency")
            return [bad if part["id"] == bad["id"] else self._lost(part, why) for part in parts]
        return found

    def _call(self, part: Shown) -> Shown:
        path, _, query = self._path(part["url"]).partition("?")
        if path.startswith("$batch"):
            raise Fault(400, "A batch within a batch is not taken.")
        response = self.each(self._request(part, path, query), path)
        if part["method"] == "POST" and "Location" in response:
            self._made[part["id"]] = response["Location"].removeprefix(f"{self.root}/")
        shown: Shown = {"id": part["id"], "status": response.status_code}
        if "Location" in response:
            shown["headers"] = {"location": response["Location"]}
        if group := part.get("atomicityGroup"):
            shown["atomicityGroup"] = group
        if response.content:
            text = response.content.decode()
            is_json = response["Content-Type"].startswith("application/json")
            shown["body"] = json.loads(text) if is_json else text
        return shown

    def _path(self, url: str) -> str:
        """An address relative to the service, with what `$name` stands for."""
        url = url.removeprefix(self.root).removeprefix("/sta/v1.1").strip("/")
        first, slash, rest = url.partition("/")
        if first.startswith("$") and first[1:] in self._made:
            first = self._made[first[1:]]
        return f"{first}{slash}{rest}"

    def _request(self, part: Shown, path: str, query: str) -> HttpRequest:
        """The part as a call of its own, by the same person."""
        inner = copy.copy(self.request)
        inner.method = part["method"]
        inner.path = inner.path_info = f"/sta/v1.1/{path}"
        inner.META = {**self.request.META, "QUERY_STRING": query}
        inner.GET = QueryDict(query)
        body = json.dumps(self._named(part.get("body"))).encode()
        inner._stream, inner._read_started = io.BytesIO(body), False  # type: ignore[attr-defined]
        return inner

    def _named(self, value: Any) -> Any:
        """A body with the ids of what earlier parts made where it says `"@iot.id": "$name"`."""
        if isinstance(value, list):
            return [self._named(item) for item in value]
        if not isinstance(value, dict):
            return value
        out = {key: self._named(item) for key, item in value.items()}
        name = out.get("@iot.id")
        if isinstance(name, str) and name.startswith("$") and name[1:] in self._made:
            out["@iot.id"] = self._made[name[1:]].partition("(")[2].strip("')")
        return out


class _Undone(Exception):
    """A part of a group failed: the rest of it is taken back."""


def _parts(body: Any) -> list[Shown]:
    """The parts of a batch with `id`, `method` and `url` as text. Raises: Fault."""
    parts = payload.read(payload.obj(body, "The batch"), "requests", list, required=True)
    if len(parts) > MOST_PARTS:
        raise Fault(413, f"A batch has {MOST_PARTS} requests at most, not {len(parts)}.")
    found, seen = [], set()
    for at, part in enumerate(parts):
        payload.obj(part, f"requests[{at}]")
        name = payload.text(part, "id", 60, required=True)
        method = payload.text(part, "method", 10, required=True).upper()
        path, mark, query = payload.text(part, "url", 4000, required=True).partition("?")
        after = payload.read(part, "dependsOn", list)
        if not NAME.match(name) or name in seen:
            raise Fault(400, f"requests[{at}]/id {payload.told(name)} is used or no plain name.")
        if method not in METHODS:
            raise Fault(400, f"requests[{at}]/method is none of {', '.join(METHODS)}.")
        seen.add(name)
        if not all(isinstance(one, str) for one in after):
            raise Fault(400, f"requests[{at}]/dependsOn must name requests.", "wrong-type")
        group = payload.text(part, "atomicityGroup", 60) or None
        own = {"id": name, "method": method, "url": f"{unquote(path)}{mark}{query}"}
        found.append({**part, **own, "atomicityGroup": group, "dependsOn": set(after)})
    return found


def _told(part: Shown, fault: Fault) -> Shown:
    body = {"code": fault.status, "type": fault.code, "message": fault.message}
    shown: Shown = {"id": part["id"], "status": fault.status, "body": body}
    if group := part.get("atomicityGroup"):
        shown["atomicityGroup"] = group
    return shown
