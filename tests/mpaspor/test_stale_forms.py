"""Every form, found by walking: sent with an old token it comes back whole, with a button."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from payments.fees import load_fees
from tests.factories.applicants import make_person, make_user
from tests.factories.appointments import make_application
from tests.factories.quota import make_open_slot

pytestmark = pytest.mark.django_db

NIK = "3273010107900001"
ORIGIN = {"origin": "http://testserver"}
ELSEWHERE = re.compile(r"^/(admin|api|static|language)/|\.(pdf|ics)$|/logout/$")
AT_MOST = 120


@dataclass
class Form:
    page: str
    action: str = ""
    names: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)

    @property
    def address(self) -> str:
        return urljoin(self.page, self.action) if self.action else self.page


class Reader(HTMLParser):
    """The links and the forms of a page."""

    def __init__(self, page: str, text: str) -> None:
        super().__init__()
        self.page, self.links, self.forms = page, set[str](), list[Form]()
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in told:
            self.links.add(urljoin(self.page, told["href"].partition("#")[0]))
        if tag == "form":
            self.inside = told.get("method") == "post"
            self.forms += [Form(self.page, told.get("action", ""))] * self.inside
        if tag in {"input", "select", "textarea", "button"} and self.inside and told.get("name"):
            is_secret = told.get("type") == "password"
            (self.forms[-1].secrets if is_secret else self.forms[-1].names).add(told["name"])


def forms_met(visitor: Client, *starts: str) -> Iterator[Form]:
    """Breadth first, each kind of page once for each shape of its form."""
    ahead, seen, met = list(starts), set(starts), set()
    while ahead:
        page = ahead.pop(0)
        answer = visitor.get(page)
        if "text/html" not in answer["Content-Type"]:
            continue
        read = Reader(page, answer.content.decode())
        for form in read.forms:
            shape = (urlsplit(form.address).path, frozenset(form.names))
            if shape not in met:
                met.add(shape)
                yield form
        fresh = {link for link in read.links if is_ours(link)} - seen
        seen |= fresh
        ahead += sorted(fresh)[: AT_MOST - len(seen) + len(fresh)]


def is_ours(link: str) -> bool:
    parts = urlsplit(link)
    return not parts.netloc and not parts.query and not ELSEWHERE.search(parts.path)


def fields_of(form: Form) -> dict[str, list[str]]:
    """Two values for each, as a list of check boxes has."""
    return {name: [f"{name} satu", NIK] for name in form.names - {"csrfmiddlewaretoken"}}


def send_stale(visitor: Client, form: Form) -> Any:
    fields = {**fields_of(form), **dict.fromkeys(form.secrets, "rahasia-sekali")}
    token = {"csrfmiddlewaretoken": "x" * 64}
    return visitor.post(form.address, {**fields, **token}, headers=ORIGIN)


def carried(page: str) -> dict[str, list[str]]:
    """By the form in the middle of the page; in its frame there are others."""
    found: dict[str, list[str]] = {}
    page = page.partition("<main")[2].partition("</main>")[0]
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        found.setdefault(name, []).append(value)
    return found


def problems_of(visitor: Client, form: Form) -> list[str]:
    """What is wrong with the page that brings the form back, and with pressing its button."""
    stale = send_stale(visitor, form)
    page = stale.content.decode()
    brought = carried(page)
    token = brought.pop("csrfmiddlewaretoken", [""])[0]
    hand = strict()
    hand.cookies = deepcopy(visitor.cookies)
    with transaction.atomic():
        again = hand.post(form.address, {**brought, "csrfmiddlewaretoken": token}, headers=ORIGIN)
        transaction.set_rollback(True)
    cache.clear()
    found = {
        "answered otherwise than as stale": stale.status_code != 403,
        "fields lost": brought != fields_of(form),
        "a password carried": "rahasia-sekali" in page,
        "the button does not work": again.status_code == 403 or again.status_code >= 500,
    }
    return [f"{form.address}: {problem}" for problem, is_so in found.items() if is_so]


def walked(visitor: Client, *starts: str) -> tuple[set[str], list[str]]:
    """The addresses of the forms, and the problems with them."""
    forms = list(forms_met(visitor, *starts))
    problems = [problem for form in forms for problem in problems_of(visitor, form)]
    return {urlsplit(form.address).path for form in forms}, problems


def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def test_forms_for_everybody_come_back_whole(caplog: pytest.LogCaptureFixture) -> None:
    addresses, problems = walked(strict(), "/")
    assert problems == []
    assert addresses >= {"/account/signup/", "/account/login/", "/account/recover/", "/nik/"}
    assert NIK not in caplog.text


def test_forms_of_an_account_come_back_whole(caplog: pytest.LogCaptureFixture) -> None:
    load_fees()
    person = make_person(make_user("siti@example.com"))
    draft, slot = make_application(person=person), make_open_slot()
    session_page = reverse("choose_session", args=[draft.code, slot.office.code, slot.date])
    visitor = strict()
    visitor.force_login(person.account)
    starts = ("/account/", session_page, reverse("answers", args=[draft.code]))
    addresses, problems = walked(visitor, *starts)
    assert problems == []
    assert addresses >= {
        "/account/logout/",
        "/account/password/",
        "/account/persons/new/",
        f"/account/persons/{person.code}/",
        "/applications/new/",
        reverse("answers", args=[draft.code]),
        session_page,
    }
    assert NIK not in caplog.text
