"""Files as people send them, and as those do who mean harm; made here, byte by byte."""

import struct
import zlib
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from PIL import Image, ImageDraw, ImageFilter, ImageFont
from PIL.TiffImagePlugin import IFDRational
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

SCRIPT = b"<script>alert(document.cookie)</script>"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
ORIENTATION, GPS = 0x0112, 0x8825


def card(size: tuple[int, int] = (1600, 1000), *, light: int = 235) -> Image.Image:
    """A white card with lines of dark letters, as a telephone sees it."""
    photo = Image.new("RGB", size, (light, light, light))
    draw, font = ImageDraw.Draw(photo), ImageFont.load_default(size=size[0] // 45)
    for line in range(20):
        words = f"PROVINSI JAWA BARAT KOTA BANDUNG BARIS {line:04}"
        draw.text((60, 40 + line * size[1] // 22), words, fill=(20, 20, 30), font=font)
    return photo


def saved(photo: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    photo.save(file, kind, **options)
    return file.getvalue()


def jpeg(size: tuple[int, int] = (1600, 1000), **options: Any) -> bytes:
    return saved(card(size), "JPEG", **options)


def blurred() -> bytes:
    return saved(card().filter(ImageFilter.GaussianBlur(9)), "JPEG")


def turned(orientation: int = 6) -> bytes:
    """Taken upright: the camera wrote the picture lying and says so. Its left half is red."""
    photo = Image.new("RGB", (1600, 1200), "white")
    photo.paste("red", (0, 0, 1600, 300))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return saved(photo, "JPEG", exif=exif)


def with_place() -> bytes:
    """Says where it was taken, by whom, and holds a small picture of itself."""
    exif = Image.Exif()
    exif[0x010F] = "Telepon Siti"
    exif[GPS] = {1: "S", 2: (IFDRational(6), IFDRational(54), IFDRational(53))}
    return saved(card(), "JPEG", exif=exif, comment=b"kopi-tubruk-panas")


def png(photo: Image.Image | None = None, **options: Any) -> bytes:
    return saved(photo or card(), "PNG", **options)


def deep_png() -> bytes:
    """Grey, sixteen bits a pixel, as some scanners write it."""
    return png(card().convert("L").convert("I").point(lambda i: i * 257).convert("I;16"))


def chunk(name: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)


def png_of(width: int, height: int, *more: bytes, rows: int | None = None) -> bytes:
    """One bit a pixel, all black: large to look at, small to send."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    line = b"\0" * (1 + (width + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(line) for _row in range(height if rows is None else rows))
    body = chunk(b"IDAT", packed + packer.flush())
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + body + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A caption of 200 MB in 200 kB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"\0" * 1_000_000) for _part in range(200)) + packer.flush()
    return png_of(1000, 1000, chunk(b"zTXt", b"Comment\0\0" + packed))


def animated(kind: str) -> bytes:
    frames = [card((900, 600), light=light) for light in (235, 225, 215)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


def pdf(pages: int = 1, **facts: Any) -> bytes:
    return written(pdf_writer(pages), **facts)


def pdf_writer(pages: int = 1) -> PdfWriter:
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(595, 842)
    return writer


def written(writer: PdfWriter, **root: Any) -> bytes:
    for name, value in root.items():
        writer.root_object[NameObject(f"/{name}")] = value
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def action(kind: str, **facts: Any) -> DictionaryObject:
    made = DictionaryObject({NameObject("/S"): NameObject(f"/{kind}")})
    for name, value in facts.items():
        made[NameObject(f"/{name}")] = value
    return made


def encrypted(password: str = "rahasia") -> bytes:
    writer = pdf_writer()
    writer.encrypt(password, algorithm="RC4-128")
    return written(writer)


def with_javascript() -> bytes:
    program = action("JavaScript", JS=TextStringObject("app.alert('halo');"))
    named = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("a"), program])})
    return pdf(Names=DictionaryObject({NameObject("/JavaScript"): named}))


def with_open_action(kind: str = "JavaScript") -> bytes:
    return pdf(OpenAction=action(kind, JS=TextStringObject("app.alert(1)")))


def with_launch() -> bytes:
    """Not in the root but on a button of the page."""
    writer = pdf_writer()
    button = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/Rect"): ArrayObject([NumberObject(n) for n in (0, 0, 595, 842)]),
            NameObject("/A"): action("Launch", F=TextStringObject("cmd.exe")),
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(button)])
    return written(writer)


def with_attachment() -> bytes:
    writer = pdf_writer()
    writer.add_attachment("gaji.exe", b"MZ" + b"\0" * 64)
    return written(writer)


def with_page_action() -> bytes:
    writer = pdf_writer()
    opened = DictionaryObject({NameObject("/O"): action("URI", URI=TextStringObject("http://x"))})
    writer.pages[0][NameObject("/AA")] = opened
    return written(writer)


def with_link() -> bytes:
    """As a text program writes it: harmless, and it begins at a page of itself."""
    writer = pdf_writer(2)
    uri = action("URI", URI=TextStringObject("https://example.test/"))
    link = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/Rect"): ArrayObject([NumberObject(n) for n in (0, 0, 10, 10)]),
            NameObject("/A"): uri,
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(link)])
    page = writer.pages[1].indirect_reference
    return written(writer, OpenAction=ArrayObject([page, NameObject("/Fit")]))


def stream_bomb() -> bytes:
    """A page whose contents are 1 GB of nothing, packed twice."""
    once = zlib.compress(b"\0" * 50_000_000, 9)
    body = zlib.compress(once, 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%s\nendstream"
        % (len(body), body),
    ]
    return of_objects(objects)


def going_in_circles() -> bytes:
    """The pages are their own parents and children."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>",
    ]
    return of_objects(objects)


def of_objects(objects: list[bytes]) -> bytes:
    file, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(file + b"startxref\n%d\n%%%%EOF\n" % start)


def zipped(**files: bytes) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def docx(words: bytes = b"<w:document/>") -> bytes:
    return zipped(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": words})
