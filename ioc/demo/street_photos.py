"""Street scenes drawn by code, for citizens who do not exist. Each is marked in the picture."""

import io
import math
from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH_PX, HEIGHT_PX = 1200, 900
HORIZON_PX = 380
Draw = ImageDraw.ImageDraw
Colour = tuple[int, int, int]


def _mixed(a: Colour, b: Colour, part: float) -> Colour:
    return tuple(round(x + (y - x) * part) for x, y in zip(a, b, strict=True))  # type: ignore


def _ground(draw: Draw, rng: Random, *, night: bool = False) -> None:
    """Sky, a row of houses and a road that runs to the horizon."""
    top, low = ((14, 20, 38), (44, 50, 74)) if night else ((120, 168, 205), (222, 230, 230))
    for y in range(HORIZON_PX):
        draw.line((0, y, WIDTH_PX, y), fill=_mixed(top, low, y / HORIZON_PX))
    left = -20
    while left < WIDTH_PX:
        _house(draw, rng, left, width := rng.randint(90, 190), night)
        left += width + rng.randint(0, 12)
    kerb, road = ((52, 54, 60), (38, 40, 46)) if night else ((168, 160, 148), (98, 99, 102))
    draw.rectangle((0, HORIZON_PX, WIDTH_PX, HEIGHT_PX), fill=kerb)
    draw.polygon(
        [(520, HORIZON_PX), (680, HORIZON_PX), (1160, HEIGHT_PX), (40, HEIGHT_PX)], fill=road
    )
    for step in range(7):
        near, far = (step + 0.55) ** 2 / 45, step**2 / 45
        y0, y1 = (HORIZON_PX + 520 * part for part in (far, near))
        draw.polygon(
            [(600 - far * 9, y0), (600 + far * 9, y0), (600 + near * 9, y1), (600 - near * 9, y1)],
            fill=_mixed(road, (235, 232, 220), 0.7),
        )


def _house(draw: Draw, rng: Random, left: int, width: int, night: bool) -> None:
    top = HORIZON_PX - rng.randint(110, 260)
    wall = rng.choice([(214, 190, 140), (196, 170, 130), (182, 196, 190), (220, 210, 196)])
    wall = _mixed(wall, (18, 22, 34), 0.78 if night else 0.06 * rng.random())
    draw.rectangle((left, top, left + width, HORIZON_PX + 6), fill=wall)
    draw.rectangle((left, top, left + width, top + 14), fill=_mixed(wall, (110, 40, 30), 0.55))
    lit = (246, 214, 120) if night else (92, 112, 124)
    for x in range(left + 14, left + width - 26, 38):
        for y in range(top + 30, HORIZON_PX - 34, 52):
            dark = _mixed(wall, (20, 26, 38), 0.55)
            draw.rectangle((x, y, x + 20, y + 28), fill=lit if rng.random() < 0.5 else dark)


def _blob(rng: Random, x: float, y: float, rx: float, ry: float, rough: float) -> list:
    turns = [i * math.tau / 28 for i in range(28)]
    grown = [1 + rng.uniform(-rough, rough) for _ in turns]
    return [
        (x + rx * g * math.cos(a), y + ry * g * math.sin(a))
        for a, g in zip(turns, grown, strict=True)
    ]


def pothole(draw: Draw, rng: Random) -> None:
    _ground(draw, rng)
    x, y, size = rng.randint(480, 720), rng.randint(660, 720), rng.randint(150, 210)
    for part, colour in ((1.25, (84, 84, 86)), (1.0, (52, 50, 48)), (0.8, (36, 34, 33))):
        draw.polygon(_blob(rng, x, y, size * part, size * 0.34 * part, 0.1), fill=colour)
    draw.polygon(_blob(rng, x + 12, y + 14, size * 0.5, size * 0.15, 0.08), fill=(98, 92, 80))
    for _crack in range(9):
        angle, at = rng.uniform(0, math.tau), size * 1.1
        line = [(x + at * math.cos(angle), y + at * 0.34 * math.sin(angle))]
        for _part in range(4):
            px, py = line[-1]
            line.append((px + 26 * math.cos(angle), py + 12 * math.sin(angle) + rng.randint(-7, 7)))
        draw.line(line, fill=(58, 57, 56), width=4)


def rubbish(draw: Draw, rng: Random) -> None:
    _ground(draw, rng)
    bags = [(28, 30, 34), (44, 48, 54), (36, 78, 120), (190, 192, 196), (142, 40, 42)]
    for i in range(22):
        x, y = rng.gauss(300, 120), 640 + i * 8 + rng.randint(-14, 14)
        size, colour = rng.randint(44, 82), rng.choice(bags)
        draw.polygon(_blob(rng, x, y, size, size * 0.72, 0.08), fill=colour)
        shine = _mixed(colour, (255, 255, 255), 0.28)
        draw.arc((x - size * 0.6, y - size * 0.5, x, y + size * 0.1), 180, 270, shine, 5)
    for _scrap in range(40):
        x, y = rng.gauss(330, 190), rng.randint(680, 860)
        colour = rng.choice([(230, 226, 214), (206, 178, 110), (120, 150, 96)])
        draw.polygon(_blob(rng, x, y, rng.randint(6, 18), rng.randint(4, 9), 0.3), fill=colour)


def flooded(draw: Draw, rng: Random) -> None:
    _ground(draw, rng)
    for y in range(HORIZON_PX + 60, HEIGHT_PX):
        part = (y - HORIZON_PX) / (HEIGHT_PX - HORIZON_PX)
        draw.line((0, y, WIDTH_PX, y), fill=_mixed((158, 150, 132), (112, 100, 78), part))
    for _ripple in range(160):
        y = rng.randint(HORIZON_PX + 64, HEIGHT_PX)
        wide = 14 + (y - HORIZON_PX) * rng.uniform(0.1, 0.4)
        x = rng.randint(0, WIDTH_PX)
        draw.arc((x, y, x + wide, y + wide * 0.18), 190, 350, (196, 190, 174), 2)
    x, y = rng.randint(420, 700), 640
    for part in (0, 150):  # a motorbike left in the water
        draw.arc((x + part - 50, y - 60, x + part + 50, y + 40), 180, 360, (34, 34, 38), 15)
    draw.polygon(
        [(x - 20, y - 62), (x + 150, y - 90), (x + 168, y - 40), (x, y - 20)], (168, 36, 40)
    )
    draw.line((x + 140, y - 84, x + 122, y - 140, x + 88, y - 146), fill=(40, 40, 44), width=9)


def broken_lamp(draw: Draw, rng: Random) -> None:
    _ground(draw, rng, night=True)
    x, lean = rng.randint(260, 360), rng.randint(70, 140)
    draw.line((x, 760, x + lean, 170), fill=(120, 124, 132), width=18)
    draw.line((x + lean, 176, x + lean + 150, 150), fill=(120, 124, 132), width=11)
    draw.rounded_rectangle((x + lean + 140, 138, x + lean + 236, 168), 10, fill=(70, 74, 82))
    for far in (760, 905, 985):
        size = (far - 700) // 20 + 8
        top = 210 + (far - 700) // 3
        draw.line((far, HORIZON_PX + 40, far, top), fill=(90, 94, 104), width=5)
        draw.ellipse((far - size, top - size, far + size, top + size), fill=(250, 222, 150))


def building_site(draw: Draw, rng: Random) -> None:
    _ground(draw, rng)
    for i in range(16):
        x, y = rng.gauss(820, 90), 640 + i * 9
        sand = _mixed((196, 164, 112), (150, 118, 76), rng.random())
        draw.polygon(_blob(rng, x, y, 110, 52, 0.12), fill=sand)
    for i in range(26):
        x, y = 330 + (i % 9) * 52 + rng.randint(-4, 4), 800 - (i // 9) * 26
        draw.rectangle(
            (x, y, x + 48, y + 23), fill=_mixed((172, 84, 58), (140, 62, 44), rng.random())
        )


SCENES: dict[str, Callable[[Draw, Random], None]] = {
    "pothole": pothole,
    "rubbish": rubbish,
    "flooded": flooded,
    "broken-lamp": broken_lamp,
    "building-site": building_site,
}


def _mark(draw: Draw) -> None:
    """MÔ PHỎNG across the foot; the built-in font lacks the two marks, so they are drawn."""
    font = ImageFont.load_default(46)
    draw.rectangle((0, HEIGHT_PX - 92, WIDTH_PX, HEIGHT_PX), fill=(20, 24, 34))
    x, y = 40.0, HEIGHT_PX - 76
    white = (255, 214, 102)
    for place, sign in enumerate("MO PHONG · SYNTHETIC"):
        draw.text((x, y), sign, font=font, fill=white)
        wide = font.getlength(sign)
        mid, top = x + wide / 2, y + 8
        if place == 1:
            draw.line((mid - 9, top, mid, top - 9, mid + 9, top), fill=white, width=4)
        elif place == 5:
            draw.arc((mid - 7, top - 16, mid + 7, top - 4), 180, 90, white, 4)
            draw.line((mid, top - 4, mid, top + 2), fill=white, width=4)
        x += wide


def street_photo(scene: str, seed: str) -> bytes:
    """A JPEG of one of SCENES, always the same for the same seed."""
    rng = Random(f"{scene}/{seed}")
    image = Image.new("RGB", (WIDTH_PX, HEIGHT_PX))
    SCENES[scene](ImageDraw.Draw(image), rng)
    image = image.filter(ImageFilter.GaussianBlur(1.1))
    noise = rng.randbytes(WIDTH_PX * HEIGHT_PX)
    grain = Image.frombytes("L", (WIDTH_PX, HEIGHT_PX), noise).convert("RGB")
    image = Image.blend(image, grain, 0.05)
    _mark(ImageDraw.Draw(image))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()
