"""English as people say it."""


def counted(count: int, one: str, many: str = "") -> str:
    """`1 ward`, `2 wards`; `many` where it is not the one with an s. Thousands are set apart."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
