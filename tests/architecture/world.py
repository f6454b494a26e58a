"""One owner's things at one office, and everybody who may come to their addresses."""

import json
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver

from applicants.enums import Sex
from applicants.models import User
from appointments.documents.uploading import begin_upload
from appointments.visits.declining import decline_token
from mpaspor.core import clock
from mpaspor.notifications.models import Message
from quota.enums import Role, Service
from quota.followers.following import unfollow_token
from tests.api.conftest import make_integrator
from tests.factories.applicants import (
    give_app,
    make_child,
    make_person,
    make_privacy_request,
    make_user,
)
from tests.factories.appointments import make_application, make_awaiting, make_confirmed
from tests.factories.documents import make_document, make_receipt
from tests.factories.followers import make_following
from tests.factories.queue import make_at_work
from tests.factories.quota import make_office, make_officer, make_open_slot
from tests.factories.waiting_list import full_slot, make_offer, make_wish

Door = tuple[str, Callable[..., Any]]


class Visitor:
    """A browser, and a program, of the same account; nobody has neither."""

    def __init__(self, account: User | None) -> None:
        self.browser = Client()
        self.token = ""
        if account:
            self.browser.force_login(account)
            self.token = make_integrator(account=account).token

    def ask(self, method: str, address: str, body: dict[str, Any] | None = None) -> str:
        """The status, or "login" where the way to the sign-in is shown."""
        sent: dict[str, Any] = {"data": body} if method == "POST" else {}
        if address.startswith("/api/"):
            sent |= {"headers": self._headers()}
            if method in ("POST", "PATCH") and not address.endswith("/documents/"):
                sent |= {"content_type": "application/json", "data": json.dumps(body)}
        given = getattr(self.browser, method.lower())(address, **sent)
        if given.status_code == 302 and given.url.startswith("/account/login/?next="):
            return "login"
        return str(given.status_code)

    def _headers(self) -> dict[str, str]:
        headers = {"Idempotency-Key": secrets.token_hex(8), "Accept": "*/*"}
        return headers | ({"Authorization": f"Bearer {self.token}"} if self.token else {})


def doors(patterns: list[URLPattern | URLResolver], so_far: str = "/") -> Iterator[Door]:
    """Every address but those of the admin, as it is written, with its view."""
    for pattern in patterns:
        route = so_far + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLPattern):
            yield route, pattern.callback
        elif pattern.namespace != "admin":
            yield from doors(pattern.url_patterns, route)


def make_visitors(world: dict[str, Any]) -> dict[str, Visitor]:
    """The owner, other accounts, and officers of the same and of another office."""
    office, elsewhere = world["office"], make_office()
    accounts: dict[str, User | None] = {
        "nobody": None,
        "owner": world["owner"],
        "other": make_user(),
        "planner": make_officer(Role.PLANNER, office),
        "counter": make_officer(Role.COUNTER, office),
        "head": make_officer(Role.HEAD, office),
        "head-elsewhere": make_officer(Role.HEAD, elsewhere),
        "centre": make_officer(Role.CENTRE),
        "treasurer": make_officer(Role.TREASURER),
    }
    return {name: Visitor(account) for name, account in accounts.items()}


def make_world() -> dict[str, Any]:
    """What stands in the addresses, by the way to it; and the owner and the office."""
    office, owner = make_office(), give_app(make_user(person_limit=20))
    visit = make_confirmed(slot=make_open_slot(office=office), person=make_person(owner))
    draft = make_application(person=make_person(owner))
    child = make_child(make_person(owner, sex=Sex.WOMAN))
    unpaid = make_awaiting(slot=visit.slot, person=make_person(owner))
    full = full_slot(office=office, service=Service.ACCELERATED)
    offer = make_offer(full, make_wish(full, make_person(owner)))
    later = full.starts_at + timedelta(hours=1)
    full = full_slot(office=office, service=Service.ACCELERATED, starts_at=later)
    release, [ticket] = make_at_work([[child.identity.code]])
    upload = begin_upload(
        application=draft, kind="kk", length=9, sha256=secrets.token_hex(32), at=clock.now()
    )
    assert visit.bill is not None
    return {
        "office": office,
        "owner": owner,
        "ntpn": "A" * 16,
        "person": child.code,
        "draft": draft.code,
        "booked": visit.application.code,
        "unpaid": unpaid.application.code,
        "visit": visit.code,
        "bill": visit.bill.code,
        "document": make_document(application=visit.application).code,
        "picture": make_receipt(unpaid).code,
        "offer": offer.code,
        "wish": make_wish(full, make_person(owner)).code,
        "release": release.code,
        "ticket": ticket.code,
        "slot": visit.slot.code,
        "place": office.code,
        "upload": upload.code,
        "request": make_privacy_request(account=owner).code,
        "message": Message.objects.filter(holder=owner.code).latest("pk").code,
        "factor": owner.second_factors.get().code,
        "day": visit.slot.date,
        "cannot_come": decline_token(visit),
        "unfollow": unfollow_token(make_following(office, owner)),
    }
