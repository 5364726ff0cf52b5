"""Report codes such as ``HUE-7K3M-2Q``: short enough to read over the telephone."""

import secrets

# 31 signs without 0/O, 1/I/L: a prime, so that the check sign finds every single wrong sign
# and every swap of two neighbours.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_VALUE = {sign: value for value, sign in enumerate(ALPHABET)}
_BODY = 5


def prefix(city_slug: str) -> str:
    """The first three letters of the city's slug in capitals, e.g. ``HUE``."""
    letters = "".join(c for c in city_slug.upper() if c.isascii() and c.isalnum())
    return (letters or "IOC")[:3]


def check_sign(body: str) -> str:
    """The sign that follows `body`: a weighted sum modulo 31."""
    total = sum((place + 2) * _VALUE[sign] for place, sign in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]


def new_code(city_slug: str) -> str:
    """A code drawn at random; the caller lets the unique index refuse the rare repeat."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_BODY))
    signs = body + check_sign(body)
    return f"{prefix(city_slug)}-{signs[:4]}-{signs[4:]}"


def read_code(text: str) -> str | None:
    """The code in its one spelling, or None where `text` cannot be one.

    Small letters, missing dashes and spaces are forgiven; a wrong sign is not.
    """
    signs = "".join(c for c in text.upper() if c.isalnum() and c.isascii())
    head, tail = signs[: -_BODY - 1], signs[-_BODY - 1 :]
    if not head or len(head) > 3 or len(tail) != _BODY + 1 or any(c not in _VALUE for c in tail):
        return None
    if check_sign(tail[:-1]) != tail[-1]:
        return None
    return f"{head}-{tail[:4]}-{tail[4:]}"
