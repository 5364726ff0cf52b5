"""Draws the installed app's icons into ``public/icons``: ``python frontend/icons.py``."""

from pathlib import Path

from PIL import Image, ImageDraw

ACCENT, INK, PAPER = "#2ec4b6", "#0b1220", "#ffffff"
OVERSAMPLE = 4


def icon(side_px: int, *, maskable: bool = False) -> Image.Image:
    """A white pin with a plus on our accent; a maskable one fills the whole square."""
    side = side_px * OVERSAMPLE
    image = Image.new("RGBA", (side, side), ACCENT if maskable else (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    if not maskable:
        draw.rounded_rectangle((0, 0, side - 1, side - 1), side * 0.22, fill=ACCENT)
    size = side * (0.5 if maskable else 0.62)
    middle, top = side / 2, side / 2 - size * 0.56
    radius = size * 0.4
    centre = top + radius
    draw.polygon(
        [
            (middle - radius * 0.86, centre + radius * 0.5),
            (middle + radius * 0.86, centre + radius * 0.5),
            (middle, top + size * 1.12),
        ],
        fill=PAPER,
    )
    draw.ellipse((middle - radius, top, middle + radius, top + 2 * radius), fill=PAPER)
    arm, thick = radius * 0.52, radius * 0.13
    for dx, dy in ((arm, thick), (thick, arm)):
        draw.rounded_rectangle(
            (middle - dx, centre - dy, middle + dx, centre + dy), thick, fill=INK
        )
    return image.resize((side_px, side_px), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    folder = Path(__file__).parent / "public" / "icons"
    folder.mkdir(parents=True, exist_ok=True)
    icon(192).save(folder / "icon-192.png")
    icon(512).save(folder / "icon-512.png")
    icon(512, maskable=True).save(folder / "maskable-512.png")
    icon(180, maskable=True).convert("RGB").save(folder / "apple-touch-icon.png")
