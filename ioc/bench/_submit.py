"""Phones that send reports with photos at a fixed rate, whether or not the server keeps up."""

import asyncio
import base64
import hashlib
import io
import json
import random
import socket
import time
import uuid
from dataclasses import dataclass, field

from ioc.bench import _reports

BORDER = "bench-5f3c9a71d2e84b06"
EACH_NTH_TWICE = 20
PHOTOS = 12
WORDS = "Đống rác lớn trước nhà số {} đường {}, bốc mùi nhiều ngày nay, mong đơn vị xử lý sớm."
STREETS = ("Lê Lợi", "Hùng Vương", "Nguyễn Huệ", "Bà Triệu", "An Dương Vương", "Chi Lăng")


@dataclass
class Sent:
    """What became of the sendings: the milliseconds of each, and what was acknowledged."""

    waits: list[float] = field(default_factory=list)
    codes: dict[str, set[str]] = field(default_factory=dict)  # by the phone's key
    refused: dict[str, int] = field(default_factory=dict)  # by status and words


def photos() -> list[bytes]:
    """Two-megapixel pictures as a phone's browser shrinks them, its colour profile with them."""
    import numpy as np
    from PIL import Image, ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    rng, found = np.random.default_rng(11), []
    for _ in range(PHOTOS):
        picture = np.full((1224, 1632, 3), 128.0, np.float32)
        for px in (1, 2, 4, 8, 16, 64, 256):
            noise = rng.normal(0, 4 * px**0.45, (1224 // px + 2, 1632 // px + 2, 3))
            layers = [Image.fromarray(noise[..., c].astype(np.float32)) for c in range(3)]
            large = [layer.resize((1632, 1224), Image.Resampling.BICUBIC) for layer in layers]
            picture += np.stack([np.asarray(layer) for layer in large], -1)
        out = io.BytesIO()
        exif = Image.Exif()
        exif[0x010F] = "bench"
        sharp = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
        sharp.save(out, "JPEG", quality=80, exif=exif, icc_profile=profile)
        found.append(out.getvalue())
    return found


def form(key: str, photo: bytes, proof: str, rng: random.Random) -> bytes:
    """A whole request, head and body."""
    values = {
        "lon": rng.uniform(_reports.WEST, _reports.EAST),
        "lat": rng.uniform(_reports.SOUTH, _reports.NORTH),
        "category": rng.choice(list(_reports.CATEGORIES)),
        "words": WORDS.format(rng.randint(1, 900), rng.choice(STREETS)),
        "client_key": key,
        "accuracy_m": 12,
        "proof": proof,
    }
    parts = [
        f'--{BORDER}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in values.items()
    ]
    kind = f'--{BORDER}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n'
    parts += [kind.encode(), b"Content-Type: image/jpeg\r\n\r\n", photo]
    parts += [f"\r\n--{BORDER}--\r\n".encode()]
    body = b"".join(parts)
    head = (
        "POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary={BORDER}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def solved(challenge: dict) -> str:
    """The answer to a puzzle, found as a phone finds it; empty where there is none."""
    if not challenge:
        return ""
    number = 0
    while (
        hashlib.sha256(f"{challenge['salt']}{number}".encode()).hexdigest()
        != (challenge["challenge"])
    ):
        number += 1
    names = ("algorithm", "challenge", "salt", "signature")
    said = {name: challenge[name] for name in names} | {"number": number}
    return base64.b64encode(json.dumps(said).encode()).decode()


async def exchange(port: int, request: bytes) -> tuple[int, bytes]:
    """Status and body of one request on a connection of its own."""
    loop = asyncio.get_running_loop()
    with socket.socket() as line:
        line.setblocking(False)
        await loop.sock_connect(line, ("127.0.0.1", port))
        await loop.sock_sendall(line, request)
        answer = b""
        while part := await loop.sock_recv(line, 1 << 16):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]) if head else 0, body


async def tap(port: int, sent: Sent, key: str, request: bytes) -> None:
    began = time.perf_counter()
    try:
        status, body = await exchange(port, request)
    except OSError:
        status, body = 0, b""
    sent.waits.append((time.perf_counter() - began) * 1000)
    if status == 201:
        sent.codes.setdefault(key, set()).add(json.loads(body)["code"])
    else:
        why = f"{status} {body[:160].decode(errors='replace')}"
        sent.refused[why] = sent.refused.get(why, 0) + 1


async def _send(port: int, rate: float, seconds: float) -> Sent:
    rng, pictures, sent = random.Random(5), photos(), Sent()
    ask = b"GET /api/v1/reports/challenge HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    async def phone(number: int) -> None:
        _status, puzzle = await exchange(port, ask)
        key = str(uuid.uuid4())
        request = form(key, pictures[number % PHOTOS], solved(json.loads(puzzle)), rng)
        twice = number % EACH_NTH_TWICE == 0
        await asyncio.gather(*(tap(port, sent, key, request) for _ in range(1 + twice)))

    began, phones = time.perf_counter(), []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0, began + number / rate - time.perf_counter()))
        phones.append(asyncio.create_task(phone(number)))
    await asyncio.gather(*phones)
    return sent


def send(port: int, *, rate: float, seconds: float) -> Sent:
    """What became of reports sent at this rate; each twentieth phone taps twice at once."""
    return asyncio.run(_send(port, rate, seconds))
