"""What messages say, for each kind, in both languages; lines without their facts are left out."""

from typing import Any, NamedTuple

from geo.text import Text


class Words(NamedTuple):
    """One kind of message: its subject, and its lines."""

    subject: Text
    lines: tuple[Text, ...]
    urgent: bool = False
    staff: bool = False


_SAID = Text("{words}", "{words}")
_REASON = Text("Lý do: {reason}.", "Reason: {reason}.")
_WHAT = Text("{category}, {place}.", "{category}, {place}.")

KINDS: dict[str, Words] = {
    "received": Words(
        Text("Đã nhận phản ánh {code}", "Report {code} received"),
        (
            Text("Cảm ơn bạn đã phản ánh: {category}.", "Thank you for your report: {category}."),
            Text("Mã theo dõi của bạn là {code}.", "Your code to follow it is {code}."),
            Text("{agency} sẽ xử lý.", "{agency} will look after it."),
        ),
    ),
    "assigned": Words(
        Text("{code}: đã giao đơn vị", "{code}: given to an agency"),
        (Text("{agency} sẽ xử lý phản ánh của bạn.", "{agency} will look after your report."),),
    ),
    "accepted": Words(
        Text("{code}: đang xử lý", "{code}: work has begun"),
        (Text("{agency} đã bắt đầu xử lý.", "{agency} has begun to work on it."),),
    ),
    "question": Words(
        Text("{code}: đơn vị hỏi bạn", "{code}: a question to you"),
        (
            Text("{agency} cần bạn cho biết thêm:", "{agency} needs to know more from you:"),
            _SAID,
            Text("Mở trang theo dõi để trả lời.", "Open the page of your report to answer."),
        ),
    ),
    "waiting": Words(
        Text("{code}: chờ bên thứ ba", "{code}: waiting for a third party"),
        (_SAID, Text("Dự kiến đến {until}.", "Expected until {until}.")),
    ),
    "planned": Words(
        Text("{code}: đã lên kế hoạch", "{code}: planned"),
        (Text("Sẽ thực hiện ngày {planned}.", "The work is planned for {planned}."), _SAID),
    ),
    "resolved": Words(
        Text("{code}: đã giải quyết", "{code}: resolved"),
        (
            _SAID,
            Text(
                "Bạn có hài lòng không? Mở trang theo dõi để đánh giá.",
                "Are you satisfied? Open the page of the report to rate it.",
            ),
        ),
    ),
    "rejected": Words(
        Text("{code}: không tiếp nhận", "{code}: not taken up"),
        (_SAID, _REASON),
    ),
    "reopened": Words(
        Text("{code}: mở lại", "{code}: opened again"),
        (Text("Phản ánh được xử lý tiếp.", "Work on the report goes on."),),
    ),
    "joined": Words(
        Text("{code}: gộp với phản ánh trùng", "{code}: joined to the same report"),
        (
            Text(
                "Nhiều người cùng phản ánh việc này. Việc được xử lý tiếp ở {other}.",
                "Others reported the same. The work goes on as {other}.",
            ),
        ),
    ),
    "new-case": Words(Text("Việc mới {code}", "New case {code}"), (_WHAT,), staff=True),
    "sent-back": Words(
        Text("{code}: đơn vị trả lại", "{code}: sent back by the agency"), (_WHAT,), staff=True
    ),
    "answer": Words(
        Text("{code}: người gửi đã trả lời", "{code}: the reporter answered"), (_WHAT,), staff=True
    ),
    "no-answer": Words(
        Text("{code}: người gửi không trả lời", "{code}: the reporter did not answer"),
        (_WHAT,),
        staff=True,
    ),
    "disputed": Words(
        Text("{code}: người gửi chưa hài lòng", "{code}: the reporter is not satisfied"),
        (_WHAT, _REASON),
        staff=True,
    ),
    "parts-done": Words(
        Text("{code}: mọi phần việc đã xong", "{code}: every part is done"), (_WHAT,), staff=True
    ),
    "escalation": Words(
        Text("{code}: sắp hoặc đã quá hạn", "{code}: due or overdue"),
        (_WHAT, Text("Hạn xử lý: {due}.", "Due: {due}.")),
        staff=True,
    ),
    "emergency": Words(
        Text("KHẨN CẤP {code}", "EMERGENCY {code}"), (_WHAT,), urgent=True, staff=True
    ),
}


def said(kind: str, language: str, facts: dict[str, Any]) -> tuple[str, str]:
    """Subject and body of a message in the reader's language.

    `facts` maps names to a str, a Text, or nothing. Raises KeyError for a kind nobody declared.
    """
    words = KINDS[kind]
    known = {name: _in(fact, language) for name, fact in facts.items()}
    lines = [_filled(_in(line, language), known) for line in words.lines]
    subject = _filled(_in(words.subject, language), known) or facts["code"]
    return " ".join(subject.split())[:200], "\n".join(filter(None, lines))


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        raise LookupError(name)


def _filled(line: str, known: dict[str, str]) -> str:
    try:
        return line.format_map(_Facts({name: fact for name, fact in known.items() if fact}))
    except LookupError:
        return ""


def _in(fact: Any, language: str) -> str:
    if isinstance(fact, Text):
        return (fact.vi if language == "vi" else fact.en) or fact.vi
    return str(fact or "")
