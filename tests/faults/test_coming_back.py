"""Nobody is thrown out and no typing is lost, whatever of ours is flushed, killed and started."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.utils.crypto import get_random_string

from applicants.drafts import read, written
from applicants.models import FormDraft, Session, User
from applicants.sessions import ACCOUNT, SessionStore
from appointments.details import Journey
from appointments.enums import TravelPurpose
from appointments.models import Application
from mpaspor.core import clock
from mpaspor.core.sealed_columns import fill, opened
from tests.factories.applicants import make_user
from tests.faults.browser import GIVE_UP, Browser, Device
from tests.faults.house import House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]

PEOPLE, ASKED = 1_000, 20
FORM = "/account/persons/new/"
EVERYTHING = ("valkey", "web", "worker", "beat")


def make_people() -> list[User]:
    """One password for all: hashing a thousand is not what this is about."""
    password = make_user().password
    contacts = (f"orang{number}@example.test" for number in range(PEOPLE))
    return User.objects.bulk_create(
        User(name="Siti", email=to, email_verified=True, password=password) for to in contacts
    )


def sign_in(people: list[User]) -> dict[User, str]:
    """The keys of their sessions, as signing in leaves them."""
    rows = {}
    for account in people:
        session = SessionStore(get_random_string(32, VALID_KEY_CHARS))
        facts = {
            ACCOUNT: str(account.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: account.get_session_auth_hash(),
        }
        rows[account] = session.create_model_instance(facts)
    Session.objects.bulk_create(rows.values())
    return {account: row.session_key for account, row in rows.items()}


def type_names(people: list[User]) -> dict[User, str]:
    """The names they typed into the form of a new person, each their own."""
    names = {account: f"Nama {account.code}" for account in people}
    drafts = [FormDraft(account=one, form=FORM, updated_at=clock.now()) for one in people]
    for draft in drafts:
        fill(draft, "typed_sealed", written([("name", names[draft.account])]))
    FormDraft.objects.bulk_create(drafts)
    return names


def form_of(url: str, key: str) -> str:
    """The name that stands in the form, or where the person is sent instead."""
    device = Device(url)
    device.web.cookies.set(settings.SESSION_COOKIE_NAME, key)
    page = device.web.get(url + FORM, timeout=GIVE_UP)
    name = re.search(r'name="name"\s+value="([^"]*)"', page.text)
    return name[1] if name else page.url


def forms_of(service: House, keys: dict[User, str]) -> list[str]:
    with ThreadPoolExecutor(4) as hands:
        return list(hands.map(lambda key: form_of(service.url, key), keys.values()))


# The list of tasks: what is sent on each page, and what is typed there afterwards and not sent.
ANSWERS = {"kind": "replacement", "book": "10", "service": "regular", "need": "none"}
JOURNEY = {"purpose": "work", "departure": "2030-01-"}
CONTACT = {
    "contact_name": "Rina W",
    "contact_relation": "sibling",
    "contact_phone": "+62 812-3456-7890",
}
STEPS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ("answers", ANSWERS, {"book": "5"}),
    ("journey", {"purpose": "study"}, JOURNEY),
    ("contact", CONTACT, {"contact_name": "Rina Wati"}),
]


def shown_on(page: str) -> set[str]:
    """What is typed or chosen there."""
    fields = re.findall(r"<input\b[^>]*>", page)
    filled = [field for field in fields if 'type="radio"' not in field or " checked" in field]
    return {value for field in filled for value in re.findall(r'\bvalue="([^"]*)"', field)}


def test_each_step_of_an_application_outlives_the_kill_right_after_it(
    service: House, applicant: Browser
) -> None:
    """Sent or only typed: whatever was answered before the server died stands on its page."""

    def lost(so_far: dict[str, dict[str, str]]) -> list[str]:
        pages = {
            name: applicant.web.get(applicant.url + applicant.address(name)).text for name in so_far
        }
        return [
            f"{name}: {value}"
            for name, fields in so_far.items()
            for value in fields.values()
            if value not in shown_on(pages[name])
        ]

    kept: dict[str, dict[str, str]] = {}
    for name, sent, typed in STEPS:
        answer = applicant.post(applicant.address(name), **sent)
        assert (answer.status, answer.url) == (200, applicant.url + applicant.address("tasks"))
        with service.without("web"):
            kept[name] = sent
        assert lost(kept) == []
        draft = applicant.post(applicant.address(name), only_keep="yes", **sent | typed)
        assert draft.status == 204
        kept[name] = sent | typed
    held = applicant.hold()
    with service.without("web"):
        assert (held.status, applicant.draft.appointments.get().status) == (200, "held")
    assert lost(kept) == []
    assert "Check everything" in applicant.get(applicant.address("review")).text
    application = Application.objects.get(pk=applicant.draft.pk)
    assert application.journey == Journey(TravelPurpose.STUDY)
    assert (application.kind, application.book) == ("replacement", "10")


def test_a_thousand_sessions_and_drafts_live_on_when_everything_is_killed(
    service: House,
) -> None:
    people = make_people()
    keys, typed = sign_in(people), type_names(people)
    some = dict(list(keys.items())[:: PEOPLE // ASKED])
    names = [typed[account] for account in some]
    assert forms_of(service, some) == names

    service.redis.flushall()
    assert forms_of(service, some) == names
    service.kill(*EVERYTHING)
    service.start(*EVERYTHING)

    assert forms_of(service, some) == names
    sessions = Session.objects.filter(session_key__in=keys.values())
    whose = {row.session_key: row.get_decoded()[ACCOUNT] for row in sessions}
    assert whose == {key: str(account.pk) for account, key in keys.items()}
    drafts = FormDraft.objects.filter(form=FORM).select_related("account")
    found = {draft.account: read(opened(draft, "typed_sealed")) for draft in drafts}
    assert found == {account: [("name", name)] for account, name in typed.items()}
