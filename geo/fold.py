"""Vietnamese text without its marks, for search."""

import unicodedata


def folded(text: str) -> str:
    """Lower case without diacritics: the form in which ``Place.search`` is stored."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))
