"""Proof of work that a phone solves unnoticed and a flood pays for: altcha, self-contained.

A challenge is the SHA-256 of a salt and a secret number; the phone counts until it finds it.
Nothing is kept of a challenge: it is signed, says when it ends, and a solution counts once.
"""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

from altcha import ChallengeOptionsV1, create_challenge_v1, verify_solution_v1
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused

VALID_S = 600
MAX_LENGTH = 2000
FIELDS = {"algorithm": str, "challenge": str, "number": int, "salt": str, "signature": str}


def needed() -> bool:
    """Whether a report by somebody unknown has to bring a proof."""
    return settings.IOC_REPORTS_PROOF > 0


def challenge() -> dict[str, Any]:
    """A new challenge as altcha's clients read it; empty where no proof is asked for.

    Source: altcha v1, https://altcha.org/docs/v2/server-integration/
    """
    if not needed():
        return {}
    made = create_challenge_v1(
        ChallengeOptionsV1(
            max_number=settings.IOC_REPORTS_PROOF,
            hmac_key=_key(),
            expires=timezone.now() + timedelta(seconds=VALID_S),
        )
    )
    return {**made.to_dict(), "maxnumber": made.max_number}


def check(payload: str, *, holder: str = "") -> None:
    """Takes a solution, once. The same `holder` (a draft's key) may show its own again: a phone
    whose answer was lost on the way sends the same form a second time.

    Raises Refused: proof-needed where there is none, proof-wrong where it is false or too old,
    proof-spent where another used it. All three mend themselves with a new challenge.
    """
    if not needed():
        return
    if not payload:
        raise _refusal("proof-needed", _("Your device has to solve a small puzzle first."))
    solution = _read(payload)
    if solution is None or not verify_solution_v1(solution, _key(), True)[0]:
        raise _refusal("proof-wrong", _("The puzzle's answer is wrong or too old. Send again."))
    key = f"reports-proof-{hashlib.sha256(solution['challenge'].encode()).hexdigest()[:32]}"
    owner = hashlib.sha256(holder.encode()).hexdigest()[:16]
    if not cache.add(key, owner, VALID_S + 60) and not (holder and cache.get(key) == owner):
        raise _refusal("proof-spent", _("The puzzle's answer was used before. Send again."))


def _read(payload: str) -> Any:
    """The solution in its five fields, or None where `payload` is not one."""
    if len(payload) > MAX_LENGTH:
        return None
    try:
        solution = json.loads(base64.b64decode(payload, validate=True))
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(solution, dict):
        return None
    named = {name: solution.get(name) for name in FIELDS}
    typed = all(type(named[name]) is kind for name, kind in FIELDS.items())
    return named if typed and named["algorithm"] == "SHA-256" else None


def _key() -> str:
    """The signing key, derived so that it opens nothing else."""
    return hmac.new(settings.SECRET_KEY.encode(), b"reports.proof", "sha256").hexdigest()


def _refusal(code: str, message: str) -> Refused:
    return Refused(code, message, status=403)
