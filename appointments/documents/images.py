"""A photo painted anew: the pixels and nothing else, upright, no larger than is read."""

from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter, ImageOps, ImageStat

from appointments.documents.unfit import Unfit

# Pixels by format that are decoded at most, so that a decoder stays below 300 MB. A plain JPEG is
# decoded at an eighth to a half of its size; a progressive one is held whole.
PIXELS = {"JPEG": 250_000_000, "PNG": 22_000_000, "WEBP": 12_000_000}
PROGRESSIVE = 24_000_000
# Pillow refuses twice as many by itself.
Image.MAX_IMAGE_PIXELS = PIXELS["JPEG"] // 2
# The longer edge of what is stored: a sheet of A4 at 200 dots an inch.
EDGE = 2400
QUALITY = 85
# What looks too dark, too small or blurred, by eye on photos of cards and papers.
LEAST_LIGHT = 55
LEAST_EDGES = (900, 500)
LEAST_DETAIL = 12.0
LOOKED_AT = (1000, 1000)


def paint(source: Path, target: Path, *, format_: str) -> dict[str, Any]:
    """Writes a JPEG and says what the photo looks like. Raises Unfit."""
    try:
        with Image.open(source, formats=[format_]) as opened:
            _refuse_large(opened, format_)
            photo = _upright(opened)
    except Image.DecompressionBombError as bomb:
        raise Unfit("pixels") from bomb
    except MemoryError as full:
        raise Unfit("pixels") from full
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError) as broken:
        raise Unfit("image-damaged") from broken
    photo.info = {}
    photo.save(target, "JPEG", quality=QUALITY)
    return {"media": "image/jpeg", "pages": 1, "remarks": remarks_on(photo)}


def remarks_on(photo: Image.Image) -> list[str]:
    """Codes of `enums.Remark`."""
    grey = photo.convert("L")
    longer, shorter = max(grey.size), min(grey.size)
    grey.thumbnail(LOOKED_AT)
    found = []
    if ImageStat.Stat(grey).mean[0] < LEAST_LIGHT:
        found.append("dark")
    if longer < LEAST_EDGES[0] or shorter < LEAST_EDGES[1]:
        found.append("small")
    elif detail_of(grey) < LEAST_DETAIL:
        found.append("blurred")
    return found


def detail_of(grey: Image.Image) -> float:
    """How much neighbouring points differ at the sharpest places."""
    laplacian = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    edges = grey.filter(laplacian).crop((2, 2, grey.width - 2, grey.height - 2))
    histogram = edges.histogram()
    return _spread(histogram, sharpest=max(sum(histogram) // 100, 1))


def _spread(histogram: list[int], *, sharpest: int) -> float:
    """The distance from the middle that so many points reach at least."""
    seen = 0
    for distance in range(128, 0, -1):
        seen += histogram[128 - distance] + (histogram[128 + distance] if distance < 128 else 0)
        if seen >= sharpest:
            return float(distance)
    return 0.0


def _refuse_large(opened: Image.Image, format_: str) -> None:
    """By the header, before anything is decoded."""
    pixels = opened.width * opened.height
    most = PROGRESSIVE if opened.info.get("progressive") else PIXELS[format_]
    if pixels > most:
        raise Unfit("pixels")


def _upright(opened: Image.Image) -> Image.Image:
    opened.draft("RGB", (EDGE, EDGE))
    opened.load()
    photo: Image.Image = opened
    if photo.mode in {"P", "PA", "LA"} or "transparency" in photo.info:
        photo = photo.convert("RGBA")
    photo.thumbnail((EDGE, EDGE))
    photo = ImageOps.exif_transpose(photo)
    return _flat(photo)


def _flat(photo: Image.Image) -> Image.Image:
    """On white paper, in three colours of eight bits."""
    if photo.mode == "RGBA":
        paper = Image.new("RGB", photo.size, "white")
        paper.paste(photo, mask=photo.getchannel("A"))
        return paper
    if photo.mode.startswith("I"):
        return photo.point(lambda deep: deep / 256).convert("L").convert("RGB")
    return photo.convert("RGB")
