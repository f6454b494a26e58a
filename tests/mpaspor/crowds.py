"""Browsers that meet the page for crowded minutes and do what its script would do."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from itertools import count
from typing import Any

from django.conf import settings
from django.test import Client

from mpaspor.crowd.work import solves

ASKED = 429
FORM = re.compile(
    r'<form method="(\w+)"\s+action="([^"]+)"\s+data-task="([^"]+)"\s+data-bits="(\d+)">'
)
FIELD = re.compile(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?>')


def solve(task: str, bits: int) -> str:
    return next(str(number) for number in count() if solves(task, str(number), bits=bits))


@dataclass(frozen=True)
class Asked:
    """The form of the page."""

    method: str
    action: str
    task: str
    bits: int
    fields: dict[str, str]

    def answered(self) -> dict[str, str]:
        return self.fields | {"crowd_answer": solve(self.task, self.bits)}


def form_of(page: str) -> Asked:
    found = FORM.search(page)
    assert found, page
    inside = page[found.end() : page.index("</form>", found.end())]
    fields = {name: unescape(value) for name, value in FIELD.findall(inside)}
    return Asked(found[1], unescape(found[2]), found[3], int(found[4]), fields)


@dataclass
class Visitor:
    """Somebody at `address`; counts what they were asked and refused."""

    address: str = "203.0.113.9"
    client: Client = field(default_factory=Client)
    met: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.client.defaults["REMOTE_ADDR"] = self.address
        self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    def get(self, path: str) -> Any:
        return self._through(self.client.get(path), {})

    def post(self, path: str, **typed: str) -> Any:
        answer = self.client.post(path, typed, headers={"origin": "http://testserver"})
        return self._through(answer, typed)

    def _through(self, answer: Any, typed: dict[str, str]) -> Any:
        if answer.status_code == ASKED:
            self.met["asked"] += 1
            form = form_of(answer.text)
            again = self.client.post if form.method == "post" else self.client.get
            # Passwords have to be typed once more.
            secret = {name: value for name, value in typed.items() if name == "password"}
            answer = again(form.action, form.answered() | secret)
        self.met["refused"] += answer.status_code >= 400
        return answer
