import io
import math

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageStat

from geo.errors import Refused
from ioc.reports import blur, photos

BOX = (0.25, 0.25, 0.5, 0.25)
SIZE = (640, 480)


def plate(words: str) -> Image.Image:
    """A picture with words in its middle, such as a number plate."""
    image = Image.new("RGB", SIZE, (96, 120, 140))
    draw = ImageDraw.Draw(image)
    draw.rectangle((176, 136, 464, 224), fill="white")
    draw.text((190, 150), words, fill="black", font=ImageFont.load_default(64))
    return image


def jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


def seen(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def contrast(image: Image.Image, part: tuple[int, int, int, int]) -> int:
    seen = image.convert("L").crop(part).histogram()
    present = [value for value, count in enumerate(seen) if count]
    return present[-1] - present[0]


def test_what_is_hidden_is_gone_and_the_rest_stands():
    hidden = photos.blur(jpeg(plate("75A 123")), [BOX])
    assert (hidden.width, hidden.height) == SIZE
    assert contrast(seen(hidden.photo), (176, 136, 464, 224)) < 128  # it was black on white
    for part in ((0, 0, 640, 112), (0, 240, 640, 480)):
        assert difference(seen(hidden.photo).crop(part), plate("75A 123").crop(part)) < 3


def test_two_plates_cannot_be_told_apart():
    """Their difference, hidden, is no larger than that of one plate hidden twice."""
    inside = (160, 120, 480, 240)

    def drawn(words: str) -> Image.Image:
        return seen(photos.blur(jpeg(plate(words)), [BOX]).photo).crop(inside)

    before = difference(plate("75A 123").crop(inside), plate("75A 456").crop(inside))
    again = max(difference(drawn("75A 123"), drawn("75A 123")) for _ in range(4))
    apart = min(difference(drawn("75A 123"), drawn("75A 456")) for _ in range(4))
    assert before > 8 and apart < again + 4


def test_the_thumbnail_is_hidden_too():
    assert (
        contrast(seen(photos.blur(jpeg(plate("75A 123")), [BOX]).thumb), (88, 68, 232, 112)) < 128
    )


def test_few_coarse_tiles_are_all_that_is_kept():
    image = Image.effect_noise(SIZE, 120).convert("RGB")
    blur.hide(image, (160, 112, 480, 240))
    part = image.crop((160, 112, 480, 240))
    colours = part.resize((4, 2), Image.Resampling.BOX).resize(part.size, Image.Resampling.BICUBIC)
    assert difference(part, colours) < 12  # nothing finer than the tiles


def test_a_box_grows_to_whole_blocks_and_stays_inside():
    assert blur.pixels_of((0.5, 0.5, 0.001, 0.001), (640, 480)) == (320, 240, 336, 256)
    assert blur.pixels_of((0.0, 0.99, 1.0, 0.01), (641, 479)) == (0, 464, 641, 479)


def test_a_very_small_photo_can_be_hidden_whole():
    image = Image.new("RGB", (1, 3), "red")
    hidden = photos.blur(jpeg(image), [(0, 0, 1, 1)])
    assert (hidden.width, hidden.height) == (1, 3)


@pytest.mark.parametrize(
    "boxes",
    [
        [], [BOX] * 41, [(0.1, 0.1, 0, 0.1)], [(0.5, 0.5, -0.1, 0.1)], [(1.0, 0, 0.2, 0.2)],
        [(-0.5, 0, 0.5, 1)], [(math.nan, 0, 1, 1)], [(0, 0, math.nan, 1)], [(0, 0, 1)],
        [(0, 0, math.inf, 1)], [BOX, (0, 2, 1, 1)],
    ],
)  # fmt: skip
def test_a_box_that_hides_nothing_is_refused(boxes):
    with pytest.raises(Refused) as refused:
        photos.blur(jpeg(plate("75A 123")), boxes)
    assert refused.value.code == "bad-box" and "boxes" in refused.value.details["fields"]


def test_boxes_that_reach_outside_are_cut():
    hidden = seen(photos.blur(jpeg(plate("75A 123")), [(-1, -1, 3, 9)]).photo)
    assert difference(hidden, plate("75A 123")) > 5
