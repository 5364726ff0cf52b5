"""Colours of results on the wall and on paper, apart for people with colour blindness too.

A test simulates protanopia, deuteranopia and tritanopia; ramps and corners are those of the desk by
day. What the wall shows has one colour for both themes.
"""

RAMP = ("#f2e884", "#bde1b7", "#a0b17b", "#37a7d6", "#6c7791", "#1b6cb8", "#1b3798")
"""Few to many."""
HEAT = ("#ffe18e", "#f5ac1d", "#e06b34", "#bc2a26", "#79081f")
"""Thin to dense."""
CORNERS = ("#ddebff", "#245ce2", "#ad6101", "#010000")
"""Of two values at once: neither is high, the second, the first, both."""
WALL_CORNERS = ("#9adeff", "#382de6", "#f9a917", "#a71700")
"""The same where one colour serves the ground of both themes: none is close to black or white."""
EMERGING = {
    "new": ("#cca9bb", "#814f9d"),
    "consecutive": ("#a54534", "#4fc3f7"),
    "intensifying": ("#731917", "#365ede"),
    "persistent": ("#d00200", "#3493e4"),
    "diminishing": ("#ef9a1f", "#428380"),
    "sporadic": ("#ffe59a", "#b7ddf2"),
    "oscillating": ("#a18344", "#14555c"),
    "historical": ("#f3b5aa", "#7d88b0"),
}
"""Hot and cold spots over time: the hot one, the cold one."""


def sampled(ramp: tuple[str, ...], number: int, many: int) -> str:
    """The colour of step ``number`` (from 1) of ``many`` along a ramp; of one alone the middle."""
    last = len(ramp) - 1
    return ramp[int((number - 1) / (many - 1) * last + 0.5) if many > 1 else last // 2]


def between(first: float, second: float, corners: tuple[str, ...] = CORNERS) -> str:
    """The colour of two values, each from 0 to 1, between four corners."""
    shares = ((1 - first) * (1 - second), (1 - first) * second,
              first * (1 - second), first * second)  # fmt: skip
    return mixed(dict(zip(corners, shares, strict=True)))


def mixed(shares: dict[str, float]) -> str:
    """A colour of so much of each."""
    parts = [
        sum(int(color[at : at + 2], 16) * share for color, share in shares.items())
        for at in (1, 3, 5)
    ]
    return "#" + "".join(f"{int(part + 0.5):02x}" for part in parts)
