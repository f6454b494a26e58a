"""What the sources and the libraries say through gettext, what the catalogue has, what is seen."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.translation.template import templatize

from mpaspor.embedded.translations import parts_of

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale/id/LC_MESSAGES/django.po"
OURS = ("mpaspor", "applicants", "quota", "payments", "appointments", "templates")
LIBRARIES = ("django.contrib.admin", "django.forms", "unfold", "oauth2_provider", "rest_framework")

# What each call of gettext is given, in order.
CALLS = {
    "_": ["id"],
    "gettext": ["id"],
    "gettext_lazy": ["id"],
    "gettext_noop": ["id"],
    "ngettext": ["id", "plural"],
    "ngettext_lazy": ["id", "plural"],
    "pgettext": ["context", "id"],
    "pgettext_lazy": ["context", "id"],
    "npgettext": ["context", "id", "plural"],
    "npgettext_lazy": ["context", "id", "plural"],
}
TEXT = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL_IN_TEMPLATE = re.compile(rf"\b(\w+)\(\s*{TEXT}(?:,\s*{TEXT})?(?:,\s*{TEXT})?")
PLACE = re.compile(r"%\(\w+\)[a-z]|%[A-Za-z]|\{[^}]*\}")
ICON = re.compile(r"<span class=\"[^\"]*material-symbols-outlined.*?</span>", re.DOTALL)
UNSEEN = re.compile(r"<(script|style)\b.*?</\1>|<!--.*?-->", re.DOTALL)
SPOKEN = re.compile(
    r"\b(?:alt|title|placeholder|aria-label|data-(?:label|hours|minutes|last|over|said|failed))=\"([^\"]*)\""
)


class Message(NamedTuple):
    context: str
    id: str
    plural: str


@cache
def catalogue() -> dict[Message, dict[str, str]]:
    """What the catalogue has, obsolete entries left out; "fuzzy" is among the facts if it is."""
    found = {}
    for entry in re.split(r"\n\s*\n", CATALOGUE.read_text(encoding="utf-8")):
        parts = parts_of(entry)
        if parts.get("msgid"):
            fuzzy = {"fuzzy": "yes"} if re.search(r"^#,.*\bfuzzy\b", entry, re.MULTILINE) else {}
            key = (parts.get(name, "") for name in ("msgctxt", "msgid", "msgid_plural"))
            found[Message(*key)] = parts | fuzzy
    return found


def indonesian(parts: dict[str, str]) -> list[str]:
    return [text for name, text in parts.items() if name.startswith("msgstr")]


def said_in_python(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            given = [each.value for each in node.args if isinstance(each, ast.Constant)]
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            yield from message(name, [each for each in given if isinstance(each, str)])


def said_in_template(source: str) -> Iterator[Message]:
    for name, *given in CALL_IN_TEMPLATE.findall(templatize(source)):
        yield from message(name, [ast.literal_eval(each) for each in given if each])


def message(function: str, given: list[str]) -> Iterator[Message]:
    if function in CALLS and given:
        facts = dict(zip(CALLS[function], given, strict=False))
        yield Message(facts.get("context", ""), facts["id"], facts.get("plural", ""))


def said_under(folder: Path) -> set[Message]:
    """Every text under a folder that goes through gettext; no tool from outside is needed."""
    said: set[Message] = set()
    for path in folder.rglob("*"):
        if path.suffix == ".py":
            said.update(said_in_python(path.read_text(encoding="utf-8")))
        elif path.suffix in (".html", ".txt"):
            said.update(said_in_template(path.read_text(encoding="utf-8")))
    return said


def said_by_us() -> set[Message]:
    return set().union(*(said_under(ROOT / name) for name in OURS))


def said_by_the_libraries() -> set[Message]:
    places = [find_spec(name).submodule_search_locations for name in LIBRARIES]  # type: ignore[union-attr]
    return set().union(*(said_under(Path(place)) for found in places for place in found or ()))


def seen(page: str) -> str:
    """What people read or hear, a line for each piece."""
    markup = ICON.sub("", UNSEEN.sub("", page))
    pieces = [*re.split(r"<[^>]*>", markup), *SPOKEN.findall(markup)]
    return "\n".join(" ".join(unescape(piece).split()) for piece in pieces if piece.strip())


def english_in(text: str) -> list[str]:
    """The English messages in a text, whatever is put into them; not those said alike in both."""
    return [
        message.id
        for message, parts in catalogue().items()
        if indonesian(parts) != [message.id] and pattern_of(message.id).search(text)
    ]


@cache
def pattern_of(english: str) -> re.Pattern[str]:
    words = [re.escape(" ".join(piece.split())) for piece in PLACE.split(english)]
    return re.compile(r"(?<!\w)" + r"\S.*?".join(words) + r"(?!\w)")
