"""The multipart form of a batch: each part an HTTP request of its own, a change set kept whole.

Source: OGC SensorThings API 1.1, 11 (batch-request); OData Version 4.0 Part 1 §11.7.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from email.message import Message
from http.client import responses as WORDS
from itertools import groupby
from typing import Any

from django.http import HttpResponse

from environment.sta.faults import Fault

TYPE = "multipart/mixed"
BLANK = re.compile(rb"\r?\n\r?\n")
LINE = re.compile(r"^([A-Z]{1,10}) (\S{1,4000}) HTTP/\d(?:\.\d)?$")
OWN = "part-"  # names of parts that have none
Shown = dict[str, Any]


def read(raw: bytes, content_type: str) -> dict[str, list[Shown]]:
    """The parts as the JSON form has them. Raises: Fault that names the part that is wrong."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("ascii", "replace")
    whole = email.message_from_bytes(head + raw, policy=email.policy.HTTP)
    if not whole.is_multipart():
        raise Fault(400, "A multipart batch needs a boundary, and parts between it.")
    found = []
    for n, part in enumerate(_inside(whole)):
        if part.get_content_type() == TYPE and part.is_multipart():
            found += [_request(inner, f"{n}.{k}") | {"atomicityGroup": f"set-{n}"}
                      for k, inner in enumerate(_inside(part))]  # fmt: skip
        else:
            found.append(_request(part, str(n)))
    return {"requests": found}


def _inside(message: Message) -> Iterator[Message]:
    for part in message.get_payload():
        if isinstance(part, Message):
            yield part


def _request(part: Message, place: str) -> Shown:
    """`id`, `method`, `url` and `body` of one part."""
    if part.get_content_type() != "application/http":
        raise Fault(400, f"Part {place} is {part.get_content_type()}, not application/http.")
    payload = part.get_payload(decode=True)
    head, *body = BLANK.split(payload.strip() if isinstance(payload, bytes) else b"", 1)
    first = head.decode("utf-8", "replace").splitlines()[:1]
    match = LINE.match(first[0].strip()) if first else None
    if match is None:
        raise Fault(400, f"Part {place} begins with no line such as GET Things HTTP/1.1.")
    asked: Shown = {"id": str(part["Content-ID"] or f"{OWN}{place}").strip("<> "),
                    "method": match[1], "url": match[2]}  # fmt: skip
    if body and body[0].strip():
        try:
            asked["body"] = json.loads(body[0])
        except (ValueError, RecursionError):
            raise Fault(400, f"The body of part {place} is not JSON.", "not-json") from None
    return asked


def write(answers: Sequence[Shown]) -> HttpResponse:
    """The answers as parts, those of a change set in one; of one that failed its fault alone."""
    parts: list[bytes] = []
    for group, members in groupby(answers, key=lambda answer: answer.get("atomicityGroup")):
        each = list(members)
        bad = [one for one in each if one["status"] >= 400]
        if group is None:
            parts += [_part(one) for one in each]
        elif bad:
            parts.append(_part(next((one for one in bad if one["status"] != 424), bad[0])))
        else:
            content_type, body = _bound("changeset", map(_part, each))
            parts.append(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    content_type, body = _bound("batch", parts)
    return HttpResponse(body, content_type=content_type)


def _part(answer: Shown) -> bytes:
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if not answer["id"].startswith(OWN):
        head.append(f"Content-ID: {answer['id']}")
    body = answer.get("body")
    text = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
    kind = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json"
    inner = [f"HTTP/1.1 {answer['status']} {WORDS.get(answer['status'], 'Answer')}"]
    inner += [f"{name.title()}: {value}" for name, value in answer.get("headers", {}).items()]
    inner += [f"Content-Type: {kind}"] if text else []
    inner += [f"Content-Length: {len(text)}"]
    return "\r\n".join([*head, "", *inner, "", ""]).encode() + text


def _bound(name: str, parts: Iterable[bytes]) -> tuple[str, bytes]:
    mark = f"{name}_{secrets.token_hex(12)}"
    body = b"".join(b"--%s\r\n%s\r\n" % (mark.encode(), part) for part in parts)
    return f"{TYPE}; boundary={mark}", body + f"--{mark}--\r\n".encode()
