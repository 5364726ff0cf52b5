"""Seals what is not to be read in the database: logins, number plates, clear pictures."""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(ValueError):
    """Sealed under a key that is no longer among the settings."""


def seal(text: str) -> str:
    return seal_bytes(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises Unreadable."""
    return unseal_bytes(sealed.encode()).decode()


def seal_bytes(data: bytes) -> bytes:
    return _box(_keys()).encrypt(data)


def unseal_bytes(sealed: bytes) -> bytes:
    """Raises Unreadable."""
    try:
        return _box(_keys()).decrypt(sealed)
    except InvalidToken:
        raise Unreadable("sealed under another key") from None


def hashes(text: str) -> list[str]:
    """The keyed hash (64 hex digits) under each key, the present one first."""
    return [
        hmac.new(_derived(key, b"plates"), text.encode(), hashlib.sha256).hexdigest()
        for key in _keys()
    ]


def _keys() -> tuple[str, ...]:
    """The first seals; the others, older ones, still open what they sealed."""
    return tuple(settings.IOC_VISION_KEYS) or (settings.SECRET_KEY,)


@lru_cache(maxsize=8)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, b"vault"))) for key in keys])


@lru_cache(maxsize=32)
def _derived(key: str, purpose: bytes) -> bytes:
    """32 bytes for one purpose, so that no two uses share a key (RFC 5869)."""
    return HKDF(SHA256(), 32, salt=None, info=b"ioc.vision." + purpose).derive(key.encode())
