"""Whatever is sent as a document: written anew, or refused by a name that says what to do."""

import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ArrayObject, NullObject

from appointments.documents.images import EDGE
from appointments.documents.reading import Clean, FileRefused, cleaned
from tests.appointments.documents import files
from tests.appointments.documents.files import card, jpeg, pdf, png, png_of, saved

BIG = 10_000_000

# Content, as a function so that only what runs is made; what comes of it.
TAKEN: dict[str, tuple[Callable[[], bytes], list[str]]] = {
    "jpeg": (jpeg, []),
    "jpeg of a cheap phone": (lambda: jpeg((1280, 960)), []),
    "jpeg of 108 megapixels": (
        lambda: saved(Image.new("L", (12000, 9000)), "JPEG"),
        ["dark", "blurred"],
    ),
    "progressive jpeg": (lambda: jpeg(progressive=True), []),
    "grey jpeg": (lambda: saved(card().convert("L"), "JPEG"), []),
    "cmyk jpeg": (lambda: saved(card().convert("CMYK"), "JPEG"), []),
    "jpeg turned by the camera": (files.turned, ["blurred"]),
    "jpeg with its place": (files.with_place, []),
    "jpeg with html behind it": (lambda: jpeg() + files.SCRIPT, []),
    "jpeg with a zip behind it": (lambda: jpeg() + files.zipped(a=b"MZ" * 99), []),
    "jpeg of exactly the limit": (lambda: jpeg() + b"\0" * (BIG - len(jpeg())), []),
    "dark jpeg": (lambda: saved(card(light=30), "JPEG"), ["dark"]),
    "small jpeg": (lambda: jpeg((640, 400)), ["small"]),
    "blurred jpeg": (files.blurred, ["blurred"]),
    "png": (png, []),
    "png with transparency": (lambda: png(card().convert("RGBA")), []),
    "png of 256 colours": (lambda: png(card().quantize(64)), []),
    "grey png of 16 bits": (files.deep_png, []),
    "webp": (lambda: saved(card(), "WEBP"), []),
    "animated webp": (lambda: files.animated("WEBP"), []),
    "pdf": (pdf, []),
    "pdf of twenty pages": (lambda: pdf(20), []),
    "pdf with a link": (files.with_link, []),
    "pdf after a mark of byte order": (lambda: b"\xef\xbb\xbf" + pdf(), []),
    "pdf that unpacks to much": (files.stream_bomb, []),
    "png without most of its rows": (lambda: png_of(900, 900, rows=1), ["dark", "blurred"]),
}
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "file-empty"),
    "one byte more than the limit": (lambda: b"\xff\xd8\xff" + b"\0" * BIG, "file-too-large"),
    "svg with a script": (lambda: b"<svg>" + files.SCRIPT + b"</svg>", "file-format-unknown"),
    "html": (lambda: b"<!doctype html>" + files.SCRIPT, "file-format-unknown"),
    "gif that is a script": (
        lambda: b"GIF89a/*" + b"\0" * 9 + b"*/=1;alert(1)",
        "file-format-unknown",
    ),
    "animated gif": (lambda: files.animated("GIF"), "file-format-unknown"),
    "tiff": (lambda: saved(card(), "TIFF"), "file-format-unknown"),
    "bmp": (lambda: saved(card(), "BMP"), "file-format-unknown"),
    "ico": (lambda: saved(card((64, 64)), "ICO"), "file-format-unknown"),
    "heic": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "file-format-heic"),
    "avif": (lambda: b"\0\0\0\x18ftypavif\0\0\0\0", "file-format-heic"),
    "film": (lambda: b"\0\0\0\x18ftypmp42\0\0\0\0", "file-format-unknown"),
    "words": (lambda: b"KTP saya", "file-format-unknown"),
    "eicar": (lambda: files.EICAR, "file-format-unknown"),
    "exe": (lambda: b"MZ" + b"\0" * 900, "file-format-unknown"),
    "elf": (lambda: b"\x7fELF" + b"\0" * 900, "file-format-unknown"),
    "zip": (lambda: files.zipped(a=b"KTP"), "file-format-unknown"),
    "docx": (files.docx, "file-format-unknown"),
    "docx bomb": (lambda: files.docx(b"\0" * 50_000_000), "file-format-unknown"),
    "jpeg cut in the middle": (lambda: jpeg()[:9000], "image-damaged"),
    "jpeg of three bytes": (lambda: b"\xff\xd8\xff", "image-damaged"),
    "png cut in the middle": (lambda: png()[:9000], "image-damaged"),
    "webp cut in the middle": (lambda: saved(card(), "WEBP")[:3000], "image-damaged"),
    "png of 30,000 pixels each way": (lambda: png_of(30_000, 30_000), "image-too-large"),
    "png of 2 billion pixels each way": (
        lambda: png_of(2**31 - 1, 2**31 - 1, rows=0),
        "image-too-large",
    ),
    "png with a caption of 200 MB": (files.text_bomb, "image-damaged"),
    "progressive jpeg of 30 megapixels": (
        lambda: saved(Image.new("L", (6000, 5000)), "JPEG", progressive=True),
        "image-too-large",
    ),
    "pdf with a password": (files.encrypted, "pdf-encrypted"),
    "pdf locked without a password": (lambda: files.encrypted(""), "pdf-encrypted"),
    "pdf with javascript": (files.with_javascript, "pdf-active"),
    "pdf that acts when opened": (files.with_open_action, "pdf-active"),
    "pdf that sends itself when opened": (
        lambda: files.with_open_action("SubmitForm"),
        "pdf-active",
    ),
    "pdf that starts programs": (files.with_launch, "pdf-active"),
    "pdf that acts when a page is seen": (files.with_page_action, "pdf-active"),
    "pdf with another file": (files.with_attachment, "pdf-active"),
    "pdf of 21 pages": (lambda: pdf(21), "pdf-too-many-pages"),
    "pdf of 5,000 pages": (lambda: pdf(5000), "pdf-too-many-pages"),
    "pdf without pages": (lambda: pdf(0), "pdf-empty"),
    "pdf cut in the middle": (lambda: pdf(20)[:1500], "pdf-damaged"),
    "pdf in circles": (files.going_in_circles, "pdf-damaged"),
    "pdf without its table": (lambda: pdf().replace(b"xref", b"xxxx"), "pdf-damaged"),
    "pdf of one line": (lambda: b"%PDF-1.7\n", "pdf-damaged"),
    "zip that says pdf": (lambda: b"%PDF-1.4\n" + files.zipped(a=b"KTP"), "pdf-damaged"),
    "html that says pdf": (lambda: b"%PDF-1.4\n<html>" + files.SCRIPT, "pdf-damaged"),
}


def upload(content: bytes, name: str = "ktp.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def read(content: bytes, name: str = "ktp.jpg") -> tuple[Clean, bytes]:
    with cleaned(upload(content, name)) as clean:
        return clean, clean.path.read_bytes()


def photo_of(content: bytes) -> Image.Image:
    return Image.open(BytesIO(read(content)[1]), formats=["JPEG"])


@pytest.mark.parametrize("name", TAKEN)
def test_cleaned_of_what_is_fit_is_a_plain_jpeg_or_pdf_and_says_how_it_looks(name: str) -> None:
    make, remarks = TAKEN[name]
    content = make()
    clean, made = read(content)
    assert (clean.remarks, clean.length) == (remarks, len(made))
    assert files.SCRIPT not in made
    assert b"MZ" * 99 not in made
    if clean.media == "application/pdf":
        root = PdfReader(BytesIO(made)).root_object
        assert set(root) <= {"/Type", "/Pages"}
        return
    photo = Image.open(BytesIO(made), formats=["JPEG"])
    photo.load()
    assert (photo.mode, photo.info.keys() & {"exif", "comment", "icc_profile"}) == ("RGB", set())
    assert max(photo.size) <= EDGE


@pytest.mark.parametrize("name", REFUSED)
def test_cleaned_of_what_is_not_fit_is_refused_by_name_with_a_remedy(name: str) -> None:
    make, code = REFUSED[name]
    with pytest.raises(FileRefused) as no, cleaned(upload(make())):
        pass
    assert (no.value.code, no.value.field, bool(no.value.remedy)) == (code, "file", True)
    assert "%(" not in str(no.value)


def test_cleaned_of_seventy_kinds_of_files_none_is_forgotten() -> None:
    assert (len(TAKEN), len(REFUSED)) == (26, 44)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_cleaned_photo_stands_upright_whatever_way_the_phone_was_held(orientation: int) -> None:
    photo = photo_of(files.turned(orientation))
    width, height = photo.size
    red = {3: (width // 2, height - 50), 6: (width - 50, height // 2), 8: (50, height // 2)}
    pixel: Any = photo.getpixel(red[orientation])
    assert pixel[0] > 200 > 80 > pixel[1]
    assert (width > height) == (orientation == 3)
    assert photo.getexif() == {}


def test_cleaned_photo_tells_neither_where_it_was_taken_nor_by_what() -> None:
    content = files.with_place()
    _clean, made = read(content)
    assert b"Telepon Siti" in content
    assert b"kopi-tubruk-panas" in content
    assert b"Exif" not in made
    assert b"Telepon Siti" not in made
    assert b"kopi-tubruk-panas" not in made


def test_cleaned_pdf_has_pages_without_what_hangs_on_them() -> None:
    clean, made = read(files.with_link())
    page = PdfReader(BytesIO(made)).pages[0]
    assert clean.pages == 2
    assert isinstance(page.get("/Annots", NullObject()), (NullObject, ArrayObject))
    assert b"example.test" not in made


@pytest.mark.parametrize("name", ["ktp.pdf", "ktp", "ktp.exe", "ktp.svg", ".htaccess"])
def test_cleaned_goes_by_the_content_whatever_the_name_says(name: str) -> None:
    assert read(jpeg((900, 600)), name)[0].media == "image/jpeg"


def test_cleaned_leaves_no_file_behind() -> None:
    with cleaned(upload(jpeg())) as clean:
        folder = clean.path.parent
        assert sorted(path.name for path in folder.iterdir()) == ["came", "made"]
    assert not folder.exists()


PEAK = """
import runpy, sys
sys.argv = ["workshop", *sys.argv[1:]]
runpy.run_module("appointments.documents.workshop", run_name="__main__")
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.parametrize(
    "make",
    [
        lambda: saved(Image.new("RGB", (15_000, 14_000)), "JPEG"),
        lambda: saved(Image.new("RGB", (5600, 4200)), "JPEG", progressive=True, subsampling=0),
        lambda: png(Image.new("RGBA", (5400, 4000))),
        lambda: png(Image.new("P", (5400, 4000))),
        lambda: saved(Image.new("RGBA", (4000, 2900)), "WEBP"),
        lambda: pdf(5000),
        files.stream_bomb,
    ],
    ids=["210 MP", "progressive", "rgba png", "palette png", "webp", "5,000 pages", "stream bomb"],
)
def test_workshop_at_the_largest_that_is_taken_needs_less_than_300_megabytes(
    make: Callable[[], bytes], tmp_path: Path
) -> None:
    source = tmp_path / "came"
    source.write_bytes(make())
    command = [sys.executable, "-c", PEAK, str(source), str(tmp_path / "made"), "20"]
    done = subprocess.run(
        command, capture_output=True, cwd=settings.BASE_DIR, text=True, check=True
    )
    assert int(done.stdout.split()[-1]) < 300_000
