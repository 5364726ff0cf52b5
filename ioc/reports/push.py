"""Web push: a few words to a browser that asked for them, sealed so that only it can read them.

Source: RFC 8030 (push), RFC 8291 (sealing), RFC 8292 (who sends).
"""

import hashlib
import hmac
import os
from base64 import b64decode, urlsafe_b64encode
from email.utils import parseaddr
from functools import lru_cache
from urllib.parse import urlsplit

import http_ece
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils.translation import gettext as _
from py_vapid import Vapid02

from geo import addresses
from geo.errors import Refused

CURVE = ec.SECP256R1()
CURVE_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
KEEP_S = 3 * 24 * 3600
MAX_WORDS = 300


class Gone(Exception):
    """The browser took its subscription back."""


def public_key() -> str | None:
    """The key browsers subscribe with; None where no push service is allowed."""
    if not settings.IOC_PUSH_SERVICES:
        return None
    return _text(_point(_signing_key(settings.SECRET_KEY).public_key()))


def check_subscription(endpoint: str, p256dh: str, auth: str) -> None:
    """Raises Refused for a subscription that no browser makes, or of a service not allowed."""
    wrong = Refused("bad-subscription", _("Your browser's subscription cannot be used."))
    try:
        parts = urlsplit(endpoint)
        port = parts.port
        key = _bytes(p256dh)
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, key)
        short = len(_bytes(auth)) != 16
    except ValueError:
        raise wrong from None
    if short or len(key) != 65 or len(endpoint) > 600:
        raise wrong
    host = (parts.hostname or "").lower()
    place = f"{host}:{port}" if port else host
    for service in settings.IOC_PUSH_SERVICES:
        if place == service or place.endswith(f".{service}"):
            addresses.checked(endpoint)
            return
    raise Refused("unknown-push-service", _("Your browser's push service is not known here."))


def send(endpoint: str, p256dh: str, auth: str, *, payload: dict[str, str], urgent: bool) -> int:
    """Hands one message to a push service; the status it answered with.

    Raises Gone, Refused (the service is not allowed, or not public) and addresses.Unreachable.
    """
    check_subscription(endpoint, p256dh, auth)
    sealed = http_ece.encrypt(
        orjson.dumps(payload),
        private_key=ec.generate_private_key(CURVE),
        dh=_bytes(p256dh),
        auth_secret=_bytes(auth),
        salt=os.urandom(16),
        version="aes128gcm",
    )
    headers = {
        **_signature(endpoint),
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(KEEP_S),
        "Urgency": "high" if urgent else "normal",
    }
    answer = addresses.send("POST", endpoint, headers=headers, body=sealed, limit=1024, timeout_s=5)
    if answer.status in (404, 410):
        raise Gone
    return answer.status


def _signature(endpoint: str) -> dict[str, str]:
    parts = urlsplit(endpoint)
    mail = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "sub": f"mailto:{mail}"}
    signed: dict[str, str] = Vapid02(_signing_key(settings.SECRET_KEY)).sign(claims)
    return signed


@lru_cache(maxsize=2)
def _signing_key(secret: str) -> ec.EllipticCurvePrivateKey:
    """The installation's own key pair, always the same one for the same secret key.

    Another secret key is another sender to browsers: they have to subscribe anew.
    """
    drawn = hmac.new(secret.encode(), b"reports.vapid", hashlib.sha512).digest()
    return ec.derive_private_key(int.from_bytes(drawn) % (CURVE_ORDER - 1) + 1, CURVE)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Raises ValueError where `text` is not base64, with or without its padding."""
    plain = text.rstrip("=")
    padded = plain.encode("ascii") + b"=" * (-len(plain) % 4)
    return b64decode(padded, altchars=b"-_", validate=True)
