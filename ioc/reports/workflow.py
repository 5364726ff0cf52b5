"""How a case moves, declared once: the states, and who may make which move, with what."""

from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _

from geo.text import Text


class State(models.TextChoices):
    SUBMITTED = "submitted", _("Submitted")
    TRIAGED = "triaged", _("Triaged")
    ASSIGNED = "assigned", _("Assigned")
    IN_PROGRESS = "in_progress", _("In progress")
    WAITING_FOR_REPORTER = "waiting_for_reporter", _("Waiting for the reporter")
    WAITING_FOR_THIRD_PARTY = "waiting_for_third_party", _("Waiting for a third party")
    PLANNED = "planned", _("Planned")
    RESOLVED = "resolved", _("Resolved")
    REJECTED = "rejected", _("Rejected")
    DUPLICATE = "duplicate", _("Duplicate")
    REOPENED = "reopened", _("Reopened")


CLOSED = (State.RESOLVED, State.REJECTED, State.DUPLICATE)
OPEN = tuple(state for state in State if state not in CLOSED)
PAUSING = (State.WAITING_FOR_REPORTER, State.WAITING_FOR_THIRD_PARTY, State.PLANNED)
_WITH_AGENCY = (State.ASSIGNED, State.IN_PROGRESS, *PAUSING, State.REOPENED)

TITLES: dict[State, Text] = {
    State.SUBMITTED: Text("Đã gửi", "Submitted"),
    State.TRIAGED: Text("Đã phân loại", "Triaged"),
    State.ASSIGNED: Text("Đã giao đơn vị", "Assigned"),
    State.IN_PROGRESS: Text("Đang xử lý", "In progress"),
    State.WAITING_FOR_REPORTER: Text("Chờ người gửi", "Waiting for the reporter"),
    State.WAITING_FOR_THIRD_PARTY: Text("Chờ bên thứ ba", "Waiting for a third party"),
    State.PLANNED: Text("Đã lên kế hoạch", "Planned"),
    State.RESOLVED: Text("Đã giải quyết", "Resolved"),
    State.REJECTED: Text("Không tiếp nhận", "Rejected"),
    State.DUPLICATE: Text("Trùng lặp", "Duplicate"),
    State.REOPENED: Text("Mở lại", "Reopened"),
}

# Waiting is amber, work is blue, done is green, over without work is grey, back again is red.
COLORS: dict[State, str] = {
    State.SUBMITTED: "#f5a524",
    State.TRIAGED: "#f5a524",
    State.ASSIGNED: "#56b4e9",
    State.IN_PROGRESS: "#56b4e9",
    State.WAITING_FOR_REPORTER: "#f0d54e",
    State.WAITING_FOR_THIRD_PARTY: "#f0d54e",
    State.PLANNED: "#8fa8ff",
    State.RESOLVED: "#3fb68b",
    State.REJECTED: "#7b8aa3",
    State.DUPLICATE: "#7b8aa3",
    State.REOPENED: "#e4572e",
}


class Actor(models.TextChoices):
    """In what part somebody acts."""

    REPORTER = "reporter", _("reporter")
    AGENCY = "agency", _("agency")
    CENTRE = "centre", _("centre")
    SYSTEM = "system", _("system")


@dataclass(frozen=True)
class Need:
    """One thing a move asks for. `type` says which control and which check."""

    name: str
    type: str
    title: Text
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Move:
    """One way a case moves on. `to` None: the state stays; `emits`: messages as (kind, to whom)."""

    title: Text
    done: Text
    by: tuple[Actor, ...]
    source: tuple[State, ...]
    to: State | None = None
    needs: tuple[Need, ...] = ()
    emits: tuple[tuple[str, str], ...] = ()
    public: bool = True
    undoable: bool = True
    bulk: bool = False
    step: bool = True
    """Whether it counts as work: stops the acknowledge clock, restarts the dwell clock."""
    permission: str = ""
    """What a member of staff needs besides their part, e.g. for moderation."""
    tone: str = "plain"
    moderation: tuple[str, ...] = field(default=("clear", "hidden"))
    """In which moderation the report must be."""


_STAFF = (Actor.AGENCY, Actor.CENTRE)
_NOTE = Need("private_words", "note", Text("Ghi chú nội bộ", "Internal note"), required=False)
_WHY = Need("private_words", "note", Text("Lý do (nội bộ)", "Reason (internal)"))
_MODERATE = "reports.moderate_report"


def _answer(vi: str, en: str) -> Need:
    return Need("public_words", "words", Text(vi, en))


MOVES: dict[str, Move] = {
    "submit": Move(
        title=Text("Gửi", "Submit"), done=Text("Đã gửi", "Sent"), by=(Actor.REPORTER,), source=(),
        to=State.SUBMITTED, emits=(("received", "reporter"),), undoable=False, step=False,
    ),
    "route": Move(
        title=Text("Chuyển tự động", "Route"), done=Text("Đã giao đơn vị", "Given to an agency"),
        by=(Actor.SYSTEM,), source=(State.SUBMITTED,), to=State.ASSIGNED,
        emits=(("new-case", "agency"),), undoable=False, step=False,
    ),
    "triage": Move(
        title=Text("Phân loại", "Triage"), done=Text("Đã phân loại", "Triaged"),
        by=(Actor.CENTRE,), source=(State.SUBMITTED, State.ASSIGNED, State.REOPENED),
        to=State.TRIAGED, bulk=True,
        needs=(
            Need("category", "category", Text("Loại", "Category"), required=False),
            Need("emergency", "bool", Text("Khẩn cấp", "Emergency"), required=False),
            _NOTE,
        ),
    ),
    "assign": Move(
        title=Text("Giao đơn vị", "Assign"), done=Text("Đã giao đơn vị", "Given to an agency"),
        by=(Actor.CENTRE,), source=(State.SUBMITTED, State.TRIAGED, *_WITH_AGENCY),
        to=State.ASSIGNED, bulk=True, tone="primary",
        needs=(Need("agency", "agency", Text("Đơn vị", "Agency")), _NOTE),
        emits=(("assigned", "reporter"), ("new-case", "agency")),
    ),
    "accept": Move(
        title=Text("Tiếp nhận", "Accept"), done=Text("Đang xử lý", "Work has begun"),
        by=_STAFF, source=(State.ASSIGNED, State.REOPENED), to=State.IN_PROGRESS, bulk=True,
        tone="primary", emits=(("accepted", "reporter"),),
    ),
    "take": Move(
        title=Text("Giao người xử lý", "Give to an officer"),
        done=Text("Có người phụ trách", "An officer has it"), by=_STAFF, source=_WITH_AGENCY,
        needs=(Need("officer", "officer", Text("Người xử lý", "Officer")),),
        public=False, bulk=True,
    ),
    "hand_over": Move(
        title=Text("Chuyển đơn vị khác", "Hand over"),
        done=Text("Đã chuyển đơn vị", "Handed to another agency"), by=_STAFF, source=_WITH_AGENCY,
        to=State.ASSIGNED, needs=(Need("agency", "agency", Text("Đơn vị", "Agency")), _WHY),
        emits=(("assigned", "reporter"), ("new-case", "agency")), bulk=True,
    ),
    "send_back": Move(
        title=Text("Trả lại trung tâm", "Send back"),
        done=Text("Trung tâm xem lại", "Back with the centre"), by=(Actor.AGENCY,),
        source=(State.ASSIGNED, State.IN_PROGRESS, State.REOPENED), to=State.TRIAGED,
        needs=(_WHY,), emits=(("sent-back", "centre"),),
    ),
    "ask_reporter": Move(
        title=Text("Hỏi người gửi", "Ask the reporter"),
        done=Text("Hỏi người gửi", "A question to the reporter"), by=_STAFF,
        source=(State.ASSIGNED, State.IN_PROGRESS, State.PLANNED, State.WAITING_FOR_THIRD_PARTY),
        to=State.WAITING_FOR_REPORTER, needs=(_answer("Câu hỏi", "Question"),),
        emits=(("question", "reporter"),),
    ),
    "wait_third_party": Move(
        title=Text("Chờ bên thứ ba", "Wait for a third party"),
        done=Text("Chờ bên thứ ba", "Waiting for a third party"), by=_STAFF,
        source=(State.ASSIGNED, State.IN_PROGRESS, State.PLANNED, State.WAITING_FOR_REPORTER),
        to=State.WAITING_FOR_THIRD_PARTY,
        needs=(
            _answer("Chờ ai, việc gì", "Whom and what for"),
            Need("until", "date", Text("Đến ngày", "Until")),
        ),
        emits=(("waiting", "reporter"),),
    ),
    "plan": Move(
        title=Text("Lên kế hoạch", "Plan"), done=Text("Đã lên kế hoạch", "Planned"), by=_STAFF,
        source=(State.ASSIGNED, State.IN_PROGRESS, *PAUSING), to=State.PLANNED,
        needs=(
            Need("planned_for", "date", Text("Ngày thực hiện", "Day of the work")),
            _answer("Sẽ làm gì", "What will be done"),
        ),
        emits=(("planned", "reporter"),),
    ),
    "resume": Move(
        title=Text("Tiếp tục xử lý", "Resume"), done=Text("Tiếp tục xử lý", "Work goes on"),
        by=(*_STAFF, Actor.SYSTEM), source=PAUSING, to=State.IN_PROGRESS, needs=(_NOTE,), bulk=True,
    ),
    "resolve": Move(
        title=Text("Hoàn thành", "Resolve"), done=Text("Đã giải quyết", "Resolved"), by=_STAFF,
        source=_WITH_AGENCY, to=State.RESOLVED, tone="good",
        needs=(
            _answer("Trả lời người dân", "Answer to the public"),
            Need("photos", "photos", Text("Ảnh kết quả", "Photos of the result"), required=False),
        ),
        emits=(("resolved", "reporter"), ("resolved", "followers")),
    ),
    "reject": Move(
        title=Text("Không tiếp nhận", "Reject"), done=Text("Không tiếp nhận", "Rejected"),
        by=_STAFF,
        source=(State.SUBMITTED, State.TRIAGED, State.ASSIGNED, State.IN_PROGRESS, State.REOPENED),
        to=State.REJECTED, tone="bad", bulk=True,
        needs=(
            Need("reason", "reason", Text("Lý do", "Reason")),
            _answer("Trả lời người dân", "Answer to the public"),
        ),
        emits=(("rejected", "reporter"), ("rejected", "followers")),
    ),
    "reopen": Move(
        title=Text("Mở lại", "Reopen"), done=Text("Mở lại", "Opened again"), by=(Actor.CENTRE,),
        source=(State.RESOLVED, State.REJECTED), to=State.REOPENED, needs=(_WHY,),
        emits=(("reopened", "reporter"), ("reopened", "agency")),
    ),
    "join": Move(
        title=Text("Gộp vào phản ánh khác", "Join to another"),
        done=Text("Gộp vào phản ánh trùng", "Joined to the same report"), by=_STAFF, source=OPEN,
        to=State.DUPLICATE, needs=(Need("into", "code", Text("Gộp vào mã", "Join to code")),),
        emits=(("joined", "reporter"),), bulk=True,
    ),
    "unjoin": Move(
        title=Text("Bỏ gộp", "Separate again"), done=Text("Tách khỏi phản ánh trùng", "Separated"),
        by=_STAFF, source=(State.DUPLICATE,), to=State.TRIAGED, needs=(_NOTE,),
    ),
    "split": Move(
        title=Text("Tách việc", "Split into parts"), done=Text("Đã tách việc", "Split into parts"),
        by=_STAFF, source=(State.TRIAGED, State.SUBMITTED, *_WITH_AGENCY), to=State.IN_PROGRESS,
        needs=(Need("parts", "parts", Text("Các phần việc", "Parts")),), undoable=False,
    ),
    "change": Move(
        title=Text("Đổi loại, mức độ", "Change category or urgency"),
        done=Text("Đổi loại", "Category changed"), by=(Actor.CENTRE,), source=OPEN, bulk=True,
        needs=(
            Need("category", "category", Text("Loại", "Category"), required=False),
            Need("emergency", "bool", Text("Khẩn cấp", "Emergency"), required=False),
        ),
    ),
    "note": Move(
        title=Text("Ghi chú nội bộ", "Internal note"), done=Text("Ghi chú nội bộ", "Internal note"),
        by=_STAFF, source=tuple(State), public=False, step=False, bulk=True,
        moderation=("clear", "held", "hidden"),
        needs=(Need("private_words", "note", Text("Ghi chú nội bộ", "Internal note")),),
    ),
    "release": Move(
        title=Text("Cho hiển thị", "Release"), done=Text("Cho hiển thị", "Shown again"),
        by=(Actor.CENTRE,), source=tuple(State), permission=_MODERATE, public=False, step=False,
        moderation=("held", "hidden"), needs=(_NOTE,), bulk=True, tone="good",
    ),
    "hide": Move(
        title=Text("Ẩn khỏi công chúng", "Hide from the public"),
        done=Text("Đã ẩn", "Hidden from the public"), by=(Actor.CENTRE,), source=tuple(State),
        permission=_MODERATE, public=False, step=False, moderation=("clear", "held"), tone="bad",
        needs=(Need("reason", "reason", Text("Lý do", "Reason")), _NOTE), bulk=True,
    ),
    "publish": Move(
        title=Text("Công bố nội dung", "Publish words and photos"),
        done=Text("Đã công bố nội dung", "Words or photos published"), by=(Actor.CENTRE,),
        source=tuple(State), permission=_MODERATE, public=False, step=False, undoable=False,
        needs=(
            Need("words", "text", Text("Nội dung công bố", "Text to publish"), required=False),
            Need("photos", "photos", Text("Ảnh công bố", "Photos to publish"), required=False),
        ),
    ),
    "redact": Move(
        title=Text("Che nội dung", "Redact"), done=Text("Đã che nội dung", "Words redacted"),
        by=(Actor.CENTRE,), source=tuple(State), permission=_MODERATE, public=False, step=False,
        undoable=False, moderation=("clear", "held", "hidden"),
        needs=(
            Need("words", "text", Text("Nội dung sau khi che", "Words after redaction")),
            Need("reason", "reason", Text("Lý do", "Reason")),
        ),
    ),
    "blur": Move(
        title=Text("Làm mờ ảnh", "Blur a photo"), done=Text("Đã làm mờ ảnh", "Photo blurred"),
        by=(Actor.CENTRE,), source=tuple(State), permission=_MODERATE, public=False, step=False,
        undoable=False, moderation=("clear", "held", "hidden"),
        needs=(Need("reason", "reason", Text("Lý do", "Reason")),),
    ),
    "answer": Move(
        title=Text("Trả lời", "Answer"), done=Text("Người gửi đã trả lời", "The reporter answered"),
        by=(Actor.REPORTER,), source=(State.WAITING_FOR_REPORTER,), to=State.IN_PROGRESS,
        undoable=False, step=False, emits=(("answer", "officer"),),
    ),
    "no_answer": Move(
        title=Text("Không có trả lời", "No answer"),
        done=Text("Người gửi không trả lời", "The reporter did not answer"), by=(Actor.SYSTEM,),
        source=(State.WAITING_FOR_REPORTER,), to=State.IN_PROGRESS, undoable=False, step=False,
        emits=(("no-answer", "officer"),),
    ),
    "rate": Move(
        title=Text("Đánh giá", "Rate"), done=Text("Người gửi đã đánh giá", "Rated by the reporter"),
        by=(Actor.REPORTER,), source=(State.RESOLVED,), undoable=False, step=False,
    ),
    "dispute": Move(
        title=Text("Chưa hài lòng", "Not satisfied"),
        done=Text("Chưa hài lòng, mở lại", "Not satisfied, opened again"), by=(Actor.REPORTER,),
        source=(State.RESOLVED, State.REJECTED), to=State.REOPENED, undoable=False, step=False,
        emits=(("disputed", "agency"),),
    ),
    "escalate": Move(
        title=Text("Báo cáo lên", "Escalate"), done=Text("Báo cáo lên cấp trên", "Escalated"),
        by=(Actor.SYSTEM,), source=OPEN, public=False, undoable=False, step=False,
    ),
    "parts_done": Move(
        title=Text("Xong các phần", "Parts done"),
        done=Text("Mọi phần việc đã xong", "Every part is done"), by=(Actor.SYSTEM,), source=OPEN,
        undoable=False, step=False, emits=(("parts-done", "officer"),),
    ),
    "suggest": Move(
        title=Text("Gợi ý", "Suggest"), done=Text("Gợi ý loại", "Category suggested"),
        by=(Actor.SYSTEM,), source=tuple(State), public=False, undoable=False, step=False,
        moderation=("clear", "held", "hidden"),
    ),
    "erase": Move(
        title=Text("Xóa thông tin cá nhân", "Erase"),
        done=Text("Đã xóa thông tin cá nhân", "Personal data erased"), by=(Actor.SYSTEM,),
        source=CLOSED, public=False, undoable=False, step=False,
        moderation=("clear", "held", "hidden"),
    ),
    "undo": Move(
        title=Text("Hoàn tác", "Undo"), done=Text("Đã hoàn tác", "Undone"), by=_STAFF,
        source=tuple(State), public=False, undoable=False, step=False,
        moderation=("clear", "held", "hidden"),
    ),
}  # fmt: skip

TO_SENDER = frozenset({"ask_reporter"})
"""Moves whose words are for the sender alone: a question may name what nobody else should read."""

DESK_MOVES = tuple(
    name
    for name, move in MOVES.items()
    if {Actor.AGENCY, Actor.CENTRE} & set(move.by) and name not in {"undo", "blur"}
)
"""What stands as a button on a desk."""

REASONS: dict[str, dict[str, Text]] = {
    "reject": {
        "not-ours": Text("Không thuộc thẩm quyền", "Not ours to answer"),
        "private": Text("Tranh chấp dân sự", "A private dispute"),
        "not-found": Text("Không tìm thấy tại chỗ", "Not found on the spot"),
        "too-little": Text("Thiếu thông tin", "Too little to go by"),
        "already-known": Text("Đã có kế hoạch chung", "Covered by a standing plan"),
        "abuse": Text("Nội dung không phù hợp", "Abuse or spam"),
    },
    "hide": {
        "personal-data": Text("Lộ thông tin cá nhân", "Personal data"),
        "abuse": Text("Xúc phạm, vu khống", "Abuse or libel"),
        "spam": Text("Thư rác, quảng cáo", "Spam or advertising"),
        "investigation": Text("Đang điều tra", "Under investigation"),
    },
    "redact": {
        "personal-data": Text("Lộ thông tin cá nhân", "Personal data"),
        "abuse": Text("Xúc phạm, vu khống", "Abuse or libel"),
        "other": Text("Lý do khác", "Another reason"),
    },
    "dispute": {
        "not-done": Text("Chưa được xử lý", "It was not done"),
        "came-back": Text("Đã tái diễn", "It came back"),
        "badly-done": Text("Xử lý chưa đạt", "It was done badly"),
        "wrong-answer": Text("Trả lời không đúng nội dung", "The answer misses the matter"),
    },
}
REASONS["blur"] = REASONS["redact"]


def allowed(name: str, state: str, actor: str, moderation: str = "clear") -> bool:
    """Whether somebody in this part may make this move from this state."""
    move = MOVES[name]
    return actor in move.by and state in move.source and moderation in move.moderation


def after(name: str, state: str) -> State:
    """The state in which a move leaves a case."""
    return MOVES[name].to or State(state)
