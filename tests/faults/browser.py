"""Somebody who is signed in, with a stop-watch: real HTTP, cookies and the form's token."""

import re
import time
from dataclasses import dataclass

import requests
from django.conf import settings
from django.test import Client
from django.urls import reverse

from appointments.models import Application
from payments.models import Bill
from quota.models import Slot
from tests.appointments.browsing import text_of
from tests.factories.applicants import PASSWORD, make_person
from tests.factories.appointments import make_application
from tests.factories.quota import make_open_slot

GIVE_UP = 30.0


@dataclass
class Page:
    status: int
    url: str
    text: str
    seconds: float


class Device:
    """Cookies, the token of forms, a stop-watch."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.web = requests.Session()
        self.web.trust_env = False
        self.web.cookies.set(settings.LANGUAGE_COOKIE_NAME, "en")

    def get(self, path: str) -> Page:
        return self.ask("GET", path)

    def post(self, path: str, **form: str) -> Page:
        """With the token of the form that stands there."""
        shown = self.web.get(self.url + path, timeout=GIVE_UP).text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown)
        return self.ask("POST", path, {"csrfmiddlewaretoken": token[1] if token else "", **form})

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> Page:
        started = time.monotonic()
        answer = self.web.request(method, self.url + path, data=form, timeout=GIVE_UP)
        seconds = time.monotonic() - started
        return Page(answer.status_code, answer.url, text_of(answer), seconds)


class Browser(Device):
    """Signed in, with one draft of one person and the way to its bill."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.draft: Application = make_application(person=make_person())
        self.slot: Slot = make_open_slot()
        signed_in = Client()
        signed_in.force_login(self.draft.account)
        cookie = settings.SESSION_COOKIE_NAME
        self.web.cookies.set(cookie, signed_in.cookies[cookie].value)

    def address(self, name: str) -> str:
        return reverse(name, args=[self.draft.code])

    def sign_in_on_another_device(self) -> Page:
        login = str(self.draft.account.email)
        return Device(self.url).post("/account/login/", login=login, password=PASSWORD)

    def hold(self) -> Page:
        return self.post(self.slot_address, slot=self.slot.code)

    @property
    def slot_address(self) -> str:
        return reverse(
            "choose_session", args=[self.draft.code, self.slot.office.code, self.slot.date]
        )

    def ask_for_the_code(self) -> Page:
        return self.post(self.address("review"))

    def book(self) -> Bill:
        """Hold and ask for the code; the bill as it is then."""
        self.hold()
        self.ask_for_the_code()
        return self.bill()

    def bill(self) -> Bill:
        return Bill.objects.get(payer=self.draft.appointments.latest("pk").code)
