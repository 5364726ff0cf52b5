"""The published scoring written as plainly as it reads: slow, sorted input only. For tests."""

import math

from vessels.science.messages import Message
from vessels.science.scoring import HEARD_BY, Params


def split(messages: list[Message], params: Params) -> list[tuple[Message, int | None, str]]:
    """Each message with the number of its segment and its fate, for messages in time order."""
    open_, rows, seen = [], [], set()
    numbers = iter(range(10**6))
    for message in messages:
        row = {"m": message, "segment": None, "fate": "kept", "score": 0.0}
        rows.append(row)
        nowhere = math.isnan(message.lon) and math.isnan(message.lat)
        if nowhere and math.isnan(message.speed_kn) and math.isnan(message.course_deg):
            row["fate"] = "info"
            continue
        slow = message.speed_kn <= params.very_slow_kn
        if nowhere or math.isnan(message.speed_kn) or (math.isnan(message.course_deg) and not slow):
            row["fate"] = "bad"
            continue
        place = str([round(x, 6) for x in message[1:5]] + [message.heading_deg])
        if message.speed_kn > 0 and place in seen:
            row["fate"] = "repeat"
            continue
        seen.add(place)
        open_ = [s for s in open_ if hours(s["rows"][-1]["m"], message) <= params.max_hours]
        fits = [(s, fit(s, message, params)) for s in open_]
        able = [(s, f) for s, f in fits if f]
        if len(able) > 1:
            lengths = [len(s["rows"]) for s, _ in (fits if params.misaligned_weights else able)]
            alphas = [n / params.short_segment for n in lengths]
            weights = [f[0] * a / math.sqrt(1 + a * a) for (_, f), a in zip(able, alphas)]  # noqa: B905
            able = [
                x
                for x, w in zip(able, weights, strict=True)
                if w * params.ambiguity >= max(weights)
            ]
        if able and message.kind == 27 and min(f[1] for _, f in able) < params.type_27_hours:
            row["fate"] = "noise"
        elif len(able) == 1:
            segment, (row["score"], _, dropped) = able[0]
            for other in dropped:
                other["fate"] = "dropped"
            segment["rows"].append(row)
            row["segment"] = segment["number"]
        else:
            open_ = [s for s in open_ if all(s is not a for a, _ in able)]
            row["segment"] = next(numbers)
            open_.append({"number": row["segment"], "rows": [row]})
    return [(row["m"], row["segment"], row["fate"]) for row in rows]


def fit(segment, message, params):
    """(score, hours, rows to drop) of the best position to join, or None."""
    looked = [r for r in reversed(segment["rows"]) if r["fate"] != "dropped"][: params.lookback]
    same = any(HEARD_BY.get(r["m"].kind, 0) & HEARD_BY.get(message.kind, 0) for r in looked)
    best, found = 0.0, None
    for back, row in enumerate(looked):
        h = hours(row["m"], message)
        if h > params.max_hours:
            break
        score = scored(row["m"], message, h, params) * (1 if same else params.transponder_mismatch)
        lowered = score / max(1, back * params.lookback_factor)
        if score > 0 and lowered > best and lowered > (looked[back - 1]["score"] if back else 0):
            best, found = lowered, (score, h, looked[:back])
    return found


def hours(a, b):
    return (b.t - a.t) / 3600


def scored(a, b, h, params):
    pad = math.hypot(h, params.buffer_hours)
    h = h / (1 + (h / params.penalty_hours) ** (1 - params.hours_exp))
    wide = 60 * math.cos(math.radians((a.lat + b.lat) / 2))

    def apart(lon, lat, m):
        return math.hypot(wide * (lon - m.lon), 60 * (lat - m.lat))

    def reckon(m, h):
        if math.isnan(m.course_deg):
            return m.lon, m.lat
        angle, degrees = math.radians(90 - m.course_deg), m.speed_kn * h / 60
        lon = m.lon + math.cos(angle) * degrees / (math.cos(math.radians(m.lat)) + 1e-3)
        return lon, m.lat + math.sin(angle) * degrees

    east, north = wide * (b.lon - a.lon), 60 * (b.lat - a.lat)
    far = math.hypot(east, north)
    beside = []
    for m in (a, b):
        angle = math.radians(90 - (0 if math.isnan(m.course_deg) else m.course_deg))
        angle -= math.atan2(north, east)
        ahead = 0 < math.cos(angle) * far <= m.speed_kn * h
        beside.append(abs(math.sin(angle)) * far if ahead else math.inf)
    reckoned = (apart(*reckon(a, h), b) + apart(*reckon(b, -h), a)) / 2
    miss = min(reckoned, params.shape_factor * far, params.shape_factor * sum(beside) / 2)
    if miss > params.max_knots * pad:
        return 0
    steep = params.max_knots / params.penalty_speed * miss / (params.max_knots * pad)
    return math.exp(-(steep**2)) / pad
