"""Answers in the two forms of the standard, and the errors that either may carry."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import orjson
from django.http import HttpRequest, HttpResponse

TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
ITEMS = {
    "services": "service",
    "service_requests": "request",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
}
"""What an element of a list is called in XML; JSON has no names for either."""
# Characters that XML 1.0 cannot hold in any spelling.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Wrong(Exception):
    """A call that is answered with errors, each a code and a description."""

    def __init__(self, status: int, *descriptions: object) -> None:
        super().__init__(status)
        self.status = status
        self.descriptions = [str(description) for description in descriptions]


def form_of(request: HttpRequest, suffix: str | None) -> str:
    """ "json" or "xml": by the address's ending, by `format`, by Accept; XML is the standard's own.

    Raises Wrong for an ending that is neither.
    """
    asked = suffix or request.GET.get("format")
    if asked:
        if asked.lower() not in TYPES:
            raise Wrong(404, f"There is no form {asked!r}; ask for json or xml.")
        return asked.lower()
    accepted = request.headers.get("Accept", "")
    json, xml = accepted.find("json"), accepted.find("xml")
    return "json" if json >= 0 and (xml < 0 or json < xml) else "xml"


def answer(form: str, root: str, content: Any, status: int = 200) -> HttpResponse:
    """`content` in its form; `root` is the outermost element in XML."""
    body = orjson.dumps(content, default=_plain) if form == "json" else to_xml(root, content)
    response = HttpResponse(body, content_type=TYPES[form], status=status)
    response["Access-Control-Allow-Origin"] = "*"
    response["Vary"] = "Accept, Accept-Language"
    return response


def errors(form: str, wrong: Wrong) -> HttpResponse:
    """Every error the standard's way: a list, with the HTTP status as the code."""
    content = [{"code": wrong.status, "description": text} for text in wrong.descriptions]
    return answer(form, "errors", content, wrong.status)


def to_xml(root: str, content: Any) -> bytes:
    """The same content as XML; None is an empty element."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return (head + "".join(_element(root, content))).encode()


def _element(name: str, content: Any) -> Iterator[str]:
    if content is None or content == "":
        yield f"<{name}/>"
        return
    yield f"<{name}>"
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _element(key, value)
    elif isinstance(content, list):
        for item in content:
            yield from _element(ITEMS[name], item)
    else:
        yield escape(FORBIDDEN.sub("\ufffd", _plain(content)))
    yield f"</{name}>"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return when(value)
    return str(value)


def when(at: datetime) -> str:
    """A time as the standard writes it: seconds, with the offset."""
    return at.isoformat(timespec="seconds")
