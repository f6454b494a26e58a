"""What every template keeps: the strict content policy, translated words, a light first visit."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

FOLDER = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
FIRST_VISIT_BYTES = 60_000
NAME_OF_THE_SERVICE = "M-Paspor"

FORBIDDEN = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "script in the page": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "foreign address": re.compile(r"(?:src|href)=\"(?:https?:)?//", re.IGNORECASE),
}
SAID_ELSEWHERE = re.compile(
    r"{#.*?#}|{%\s*comment.*?endcomment\s*%}|{%\s*blocktranslate.*?endblocktranslate\s*%}"
    r"|{%\s*block body_class.*?endblock.*?%}|{%.*?%}|{{.*?}}|&\w+;|<!DOCTYPE html>"
    # The admin's icons are letters of a font.
    r"|<span class=\"material-symbols-outlined[^>]*>\w+</span>",
    re.DOTALL,
)
SPOKEN_ATTRIBUTE = re.compile(r"\b(?:alt|title|placeholder|aria-label)=\"([^\"]*)\"")
# Abbreviations (NIK, PDF) are the same in every language.
WORD = re.compile(r"\b(?![A-Z]+\b)[A-Za-z]{2,}")


def forbidden_in(source: str) -> list[str]:
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(source)]


def bare_words(source: str) -> list[str]:
    """Words a reader would see that no translation tag holds."""
    markup = SAID_ELSEWHERE.sub("", source)
    text = re.sub(r"<[^>]*>", " ", markup) + " ".join(SPOKEN_ATTRIBUTE.findall(markup))
    return WORD.findall(text.replace(NAME_OF_THE_SERVICE, ""))


@pytest.mark.parametrize("template", TEMPLATES)
def test_template_under_the_strict_policy_has_nothing_inline(template: str) -> None:
    assert forbidden_in((FOLDER / template).read_text()) == []


@pytest.mark.parametrize("template", TEMPLATES)
def test_template_words_are_all_in_translation_tags(template: str) -> None:
    assert bare_words((FOLDER / template).read_text()) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('<p style="color: red">', ["style attribute"]),
        ("<script>alert(1)</script>", ["script in the page"]),
        ('<button class="a" onclick="go()">', ["event attribute"]),
        ('<script type="module" src="/static/a.js"></script>', []),
    ],
)
def test_forbidden_in_knows_good_from_bad(source: str, found: list[str]) -> None:
    assert forbidden_in(source) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Pay now</p>", ["Pay", "now"]),
        ('<img alt="Logo">', ["Logo"]),
        ('<p>{% translate "Pay now" %} {{ bill.code }} – M-Paspor</p>', []),
        ("{% blocktranslate trimmed %}\nPay {{ sum }}\n{% endblocktranslate %}", []),
    ],
)
def test_bare_words_knows_good_from_bad(source: str, found: list[str]) -> None:
    assert bare_words(source) == found


@pytest.mark.django_db
def test_home_on_a_first_visit_stays_light(client: Client) -> None:
    page = client.get("/").content
    files = re.findall(r'(?:href|src)="/static/([^"]+)"', page.decode())
    assert "css/mpaspor.css" in files
    weights = [len(gzip.compress(page))] + [_weight(name) for name in sorted(set(files))]
    assert sum(weights) <= FIRST_VISIT_BYTES


def _weight(name: str) -> int:
    found = finders.find(name)
    assert isinstance(found, str), f"{name} is not among the static files"
    return len(gzip.compress(Path(found).read_bytes()))
