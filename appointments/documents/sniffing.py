"""What a file is by its first bytes. Names and declared types say nothing."""

from appointments.documents.unfit import Unfit

# Bytes to be read from the beginning.
HEAD = 64
# As the brand in an ISO media file says: what telephones make of photos by default.
PHONE_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"}
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def format_of(head: bytes) -> str:
    """JPEG, PNG, WEBP or PDF. Raises Unfit."""
    if not head:
        raise Unfit("empty")
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"%PDF-"):
        return "PDF"
    if head[4:8] == b"ftyp" and head[8:12] in PHONE_BRANDS:
        raise Unfit("heic")
    raise Unfit("format")
