"""Find the sentences in a block of bytes, all at once, with numpy.

Source: IEC 61162-1 (VDM, VDO), NMEA 0183 4.10 (TAG blocks), IEC 61162-450.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

NEWLINE, BANG, STAR, COMMA, COLON, BACKSLASH, DOLLAR, HASH = b"\n!*,:\\$#"
MAX_LINE = 1024  # a sentence is 82 characters and a TAG block 80; what is far longer is no line

_HEX = np.full(256, 255, np.uint8)
for _digit, _char in enumerate(b"0123456789ABCDEF"):
    _HEX[_char] = _digit
    _HEX[ord(chr(_char).lower())] = _digit

REASONS = {
    "not-a-sentence": "no NMEA sentence in this line",
    "two-sentences": "two sentences run together in one line",
    "malformed": "the fields of an AIVDM sentence are not all there",
    "checksum": "the checksum does not match: the sentence was damaged on its way",
    "tag-checksum": "the checksum of the TAG block does not match: its time cannot be trusted",
}


@dataclass(slots=True)
class Frames:
    """The sound VDM/VDO sentences of a block; every array has one entry a sentence.

    `payload`/`length` index into `buf`. `time` is receiver time in epoch seconds, NaN if not told.
    """

    buf: np.ndarray
    line_start: np.ndarray
    line_end: np.ndarray
    bang: np.ndarray
    count: np.ndarray
    number: np.ndarray
    payload: np.ndarray
    length: np.ndarray
    fill: np.ndarray
    time: np.ndarray
    receiver: np.ndarray  # S16, the TAG block's source, b"" if not told
    rejected: list[tuple[str, bytes]]
    lines: int
    sentences: int

    def line(self, i: int) -> bytes:
        """The i-th sentence with its TAG block, as received."""
        return self.buf[self.line_start[i] : self.line_end[i]].tobytes()


def frame(block: bytes) -> Frames:
    """The sentences of a block of whole lines, and the lines set aside with the reason why."""
    buf = np.frombuffer(block + b"\n" + b"\0" * 64, np.uint8)  # room to gather past the end
    used = len(block) + 1
    ends = np.flatnonzero(buf[:used] == NEWLINE)
    starts = np.empty_like(ends)
    starts[:1] = 0
    starts[1:] = ends[:-1] + 1
    ends = ends - (buf[ends - 1] == 13)  # CR LF
    filled = ends > starts
    starts, ends = starts[filled], ends[filled]
    lines = len(starts)
    rejected: list[tuple[str, bytes]] = []

    def reject(reason: str, which: np.ndarray) -> None:
        for i in np.flatnonzero(which):
            rejected.append((reason, block[starts[i] : ends[i]][:MAX_LINE]))

    bangs = np.flatnonzero(buf[:used] == BANG)
    bangs = np.append(bangs, used + 32)
    first = np.searchsorted(bangs, starts)
    bang = bangs[first]
    has = bang < ends
    heads = buf[starts]
    other = ~has & (heads != HASH) & (heads != DOLLAR)
    other &= ~_holds_dollar(buf, used, starts, ends)
    reject("not-a-sentence", other & ~_blank(block, starts, ends, other))
    double = has & (np.searchsorted(bangs, ends) - first > 1)
    reject("two-sentences", double)
    vdm = has & ~double & (buf[bang + 3] == 86) & (buf[bang + 4] == 68)  # VDM, VDO
    vdm &= (buf[bang + 5] == 77) | (buf[bang + 5] == 79)
    other = has & ~double & ~vdm
    other[other] = ~_sound(buf, used, bang[other], ends[other])
    reject("checksum", other)
    sentences = int(np.count_nonzero(vdm | double))
    starts, ends, bang = starts[vdm], ends[vdm], bang[vdm]
    fields, sound = _fields(buf, used, bang, ends)
    reject("malformed", ~sound)
    summed = np.zeros(len(bang), bool)
    summed[sound] = _checksums_match(buf, bang[sound] + 1, fields["star"][sound])
    reject("checksum", sound & ~summed)
    time, tag_ok = _times(block, buf, used, starts, ends, bang, fields["star"])
    reject("tag-checksum", summed & ~tag_ok)
    good = summed & tag_ok
    return Frames(
        buf=buf, line_start=starts[good], line_end=ends[good], bang=bang[good],
        count=fields["count"][good], number=fields["number"][good],
        payload=fields["payload"][good], length=fields["length"][good], fill=fields["fill"][good],
        time=time[good], receiver=_receivers(buf, used, starts[good], bang[good]),
        rejected=rejected, lines=lines, sentences=sentences,
    )  # fmt: skip


def _holds_dollar(buf: np.ndarray, used: int, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    dollars = np.append(np.flatnonzero(buf[:used] == DOLLAR), used + 32)
    return dollars[np.searchsorted(dollars, starts)] < ends


def _blank(block: bytes, starts: np.ndarray, ends: np.ndarray, which: np.ndarray) -> np.ndarray:
    blank = np.zeros(len(starts), bool)
    for i in np.flatnonzero(which):
        blank[i] = not block[starts[i] : ends[i]].strip()
    return blank


def _fields(
    buf: np.ndarray, used: int, bang: np.ndarray, ends: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The parts of `!AIVDM,count,number,sequence,channel,payload,fill*hh` and which are sound."""
    stars = np.append(np.flatnonzero(buf[:used] == STAR), used + 32)
    commas = np.append(np.flatnonzero(buf[:used] == COMMA), np.full(8, used + 32))
    star = stars[np.searchsorted(stars, bang)]
    c = np.searchsorted(commas, bang)
    at = [commas[c + k] for k in range(6)]
    sound = (star + 2 < ends) & (at[5] + 2 == star) & (at[0] == bang + 6)
    sound &= (at[1] - at[0] == 2) & (at[2] - at[1] == 2) & (at[4] - at[3] <= 2)
    sound &= (at[3] - at[2] <= 2) & (at[5] > at[4] + 1)
    at = [np.where(sound, a, 0) for a in at]
    count = buf[at[0] + 1].astype(np.int16) - 48
    number = buf[at[1] + 1].astype(np.int16) - 48
    fill = buf[at[5] + 1].astype(np.int16) - 48
    sound &= (count >= 1) & (count <= 9) & (number >= 1) & (number <= count)
    sound &= (fill >= 0) & (fill <= 5)
    parts = {
        "star": star, "count": count, "number": number, "fill": fill,
        "payload": at[4] + 1, "length": at[5] - at[4] - 1,
    }  # fmt: skip
    return parts, sound


def _sound(buf: np.ndarray, used: int, bang: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Whether what begins with '!' ends in its true checksum, whatever sentence it is."""
    stars = np.append(np.flatnonzero(buf[:used] == STAR), used + 32)
    star = stars[np.searchsorted(stars, bang)]
    sound = (star + 2 < ends) & (star > bang + 1)
    sound[sound] = _checksums_match(buf, bang[sound] + 1, star[sound])
    return sound


def _checksums_match(buf: np.ndarray, first: np.ndarray, star: np.ndarray) -> np.ndarray:
    """Whether the XOR of the bytes first..star equals the two hex digits behind the star."""
    if not len(first):
        return np.zeros(0, bool)
    spans = np.empty(2 * len(first), np.intp)
    spans[0::2], spans[1::2] = first, star
    told = _HEX[buf[star + 1]].astype(np.int16) * 16 + _HEX[buf[star + 2]]
    return np.bitwise_xor.reduceat(buf, spans)[0::2] == told


def _times(
    block: bytes, buf: np.ndarray, used: int, starts: np.ndarray, ends: np.ndarray,
    bang: np.ndarray, star: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Receiver times (epoch s, NaN if not told) and whether the TAG block's checksum holds."""
    time = np.full(len(starts), np.nan)
    tag_ok = np.ones(len(starts), bool)
    tagged = (buf[starts] == BACKSLASH) & (buf[bang - 1] == BACKSLASH) & (bang > starts + 5)
    which = np.flatnonzero(tagged)
    if len(which):
        at = bang[which] - 4
        tag_ok[which] = (buf[at] == STAR) & _checksums_match(buf, starts[which] + 1, at)
        time[which] = _tag_times(buf, used, starts[which], bang[which])
    for i in np.flatnonzero(~tagged & (bang > starts)):  # "2016-07-28T00:00:01Z !AIVDM…"
        time[i] = _written_time(block[starts[i] : bang[i]])
    for i in np.flatnonzero(np.isnan(time) & (ends > star + 4)):  # "…*32,r003669930,1469664000"
        time[i] = _written_time(block[star[i] + 3 : ends[i]].rpartition(b",")[2])
    return time, tag_ok


def _tag_times(buf: np.ndarray, used: int, starts: np.ndarray, bang: np.ndarray) -> np.ndarray:
    """The `c:` field of each TAG block in epoch seconds, read as seconds or milliseconds."""
    time = np.full(len(starts), np.nan)
    k, which = _tag_field(buf, used, starts, bang, "c")
    if not len(which):
        return time
    digits = buf[k[which, None] + 1 + np.arange(14)].astype(np.int64) - 48
    width = np.argmax((digits < 0) | (digits > 9), axis=1)
    for digit_count, scale in ((10, 1.0), (13, 1e-3)):
        rows = width == digit_count
        powers = 10 ** np.arange(digit_count - 1, -1, -1, dtype=np.int64)
        time[which[rows]] = digits[rows, :digit_count] @ powers * scale
    return time


def _tag_field(
    buf: np.ndarray, used: int, starts: np.ndarray, bang: np.ndarray, letter: str
) -> tuple[np.ndarray, np.ndarray]:
    """Where the colon of this field stands in each TAG block, and which lines have one."""
    colon = np.flatnonzero(buf[2:used] == COLON) + 2
    colon = colon[buf[colon - 1] == ord(letter)]
    colon = colon[(buf[colon - 2] == COMMA) | (buf[colon - 2] == BACKSLASH)]
    colon = np.append(colon, used + 32)
    k = colon[np.searchsorted(colon, starts)]
    return k, np.flatnonzero(k < bang)


def _receivers(buf: np.ndarray, used: int, starts: np.ndarray, bang: np.ndarray) -> np.ndarray:
    """The `s:` field of each TAG block, at most 16 bytes of it."""
    found = np.zeros(len(starts), "S16")
    k, which = _tag_field(buf, used, starts, bang, "s")
    if len(which):
        name = buf[k[which, None] + 1 + np.arange(16)]
        ended = np.logical_or.accumulate((name == COMMA) | (name == STAR), axis=1)
        found[which] = np.where(ended, 0, name).astype(np.uint8).view("S16")[:, 0]
    return found


_EPOCH = re.compile(rb"(?<![\d.])(\d{10}(?:\.\d+)?|\d{13})(?![\d.])")
_ISO = re.compile(rb"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,6})?)")


def _written_time(text: bytes) -> float:
    """Epoch seconds from a log's own time stamp (epoch s or ms, or ISO 8601 taken as UTC)."""
    if found := _EPOCH.search(text):
        value = float(found[1])
        return value / 1000 if value > 1e11 else value
    if found := _ISO.search(text):
        try:
            stamp = f"{found[1].decode()}T{found[2].decode()}"
            return datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()
        except ValueError:
            return float("nan")
    return float("nan")
