"""Compiles .po catalogues to .mo where there is no gettext on the machine."""

import ast
import re
import struct
from collections.abc import Iterator
from pathlib import Path

MAGIC = 0x950412DE
HEADER_SIZE = 28
PAIR = struct.Struct("<II")
LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)\s+)?(".*")$')

FUZZY = re.compile(r"^#,.*\bfuzzy\b", re.MULTILINE)


def outdated(folder: Path) -> list[Path]:
    """The catalogues under a folder whose .mo is missing or older."""
    return [path for path in sorted(folder.rglob("*.po")) if is_outdated(path)]


def is_outdated(source: Path) -> bool:
    made = source.with_suffix(".mo")
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


def compile_catalogue(source: Path) -> int:
    """Writes the .mo beside the .po; how many messages are in it."""
    messages = dict(read(source.read_text(encoding="utf-8")))
    draft = source.with_suffix(".mo.new")
    draft.write_bytes(binary(messages))
    draft.rename(source.with_suffix(".mo"))
    return len(messages) - 1


def read(text: str) -> Iterator[tuple[bytes, bytes]]:
    """Translated messages only: fuzzy, obsolete and empty ones are left out; the header stays."""
    for entry in re.split(r"\n\s*\n", text):
        parts = parts_of(entry)
        said = [value for name, value in parts.items() if name.startswith("msgstr")]
        guessed = FUZZY.search(entry) and parts.get("msgid")
        if any(said) and not guessed:
            yield key_of(parts), "\0".join(said).encode()


def parts_of(entry: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    name = ""
    for line in entry.splitlines():
        if found := LINE.match(line.strip()):
            name = found[1] or name
            parts[name] = parts.get(name, "") + ast.literal_eval(found[2])
    return parts


def key_of(parts: dict[str, str]) -> bytes:
    context = parts["msgctxt"] + "\x04" if "msgctxt" in parts else ""
    plural = "\0" + parts["msgid_plural"] if "msgid_plural" in parts else ""
    return (context + parts["msgid"] + plural).encode()


def binary(messages: dict[bytes, bytes]) -> bytes:
    """The format of GNU gettext: two tables of (length, offset), keys sorted, then the texts."""
    keys = sorted(messages)
    texts = [*keys, *(messages[key] for key in keys)]
    offset = HEADER_SIZE + PAIR.size * len(texts)
    tables = b""
    for each in texts:
        tables += PAIR.pack(len(each), offset)
        offset += len(each) + 1
    second = HEADER_SIZE + PAIR.size * len(keys)
    header = struct.pack("<7I", MAGIC, 0, len(keys), HEADER_SIZE, second, 0, 0)
    return header + tables + b"".join(each + b"\0" for each in texts)
