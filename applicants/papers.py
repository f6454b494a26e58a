"""What the built-in fonts of a PDF can print."""

import unicodedata


def latin(text: str) -> str:
    """The built-in fonts know Latin-1; other letters lose their marks."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        plain = text.replace("–", "-").replace("’", "'")
        return unicodedata.normalize("NFKD", plain).encode("latin-1", "ignore").decode("latin-1")
    return text
