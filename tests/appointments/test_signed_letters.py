"""The square on a letter: what it says, who can read it, and when it is refused."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from appointments.letters import letter_url
from appointments.models import Appointment
from appointments.visits.checking import check_letter
from appointments.visits.enums import LetterState, VoidReason
from appointments.visits.models import VoidLetter
from appointments.visits.signing import Claims, Forged, read, signed
from appointments.visits.voiding import void_letter
from mpaspor.audit import trail
from mpaspor.core import clock
from quota.enums import Role
from tests.appointments.browsing import text_of
from tests.database import check_deferred, sql, triggers_off
from tests.factories.applicants import make_person, valid_nik
from tests.factories.appointments import make_awaiting, make_confirmed
from tests.factories.quota import make_office, make_officer, make_open_slot

pytestmark = pytest.mark.django_db

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def square(appointment: Appointment) -> str:
    return letter_url(appointment).rstrip("/").rpartition("/")[2]


def void(appointment: Appointment, reason: VoidReason = VoidReason.MOVED) -> None:
    void_letter(appointment=appointment, reason=reason, by="test", at=clock.now())


def nobody() -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    return client


def plain(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_square_says_code_serial_moment_kind_and_office_and_nothing_personal() -> None:
    nik = valid_nik()
    appointment = make_confirmed(person=make_person(nik=nik, name="Siti Nurhaliza"))
    head, body, _signature = square(appointment).split(".")
    assert plain(head) == {"alg": "EdDSA", "kid": "1"}
    assert plain(body) == {
        "code": appointment.code,
        "serial": 1,
        "starts": int(appointment.slot.starts_at.timestamp()),
        "kind": "new",
        "office": appointment.slot.office.code,
    }


def test_square_is_read_from_the_published_keys_alone() -> None:
    """As a program does that knows nothing of us but the address of the keys."""
    token = square(make_confirmed())
    answer = Client().get(reverse("letter_keys"))
    assert answer["Content-Type"] == "application/jwk-set+json"
    assert "public" in answer["Cache-Control"]
    [key] = answer.json()["keys"]
    assert {key[name] for name in ("kty", "crv", "alg")} == {"OKP", "Ed25519", "EdDSA"}
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    words, _dot, signature = token.rpartition(".")
    public.verify(base64.urlsafe_b64decode(signature + "=="), words.encode())
    with pytest.raises(InvalidSignature):
        public.verify(base64.urlsafe_b64decode(signature + "=="), words.upper().encode())


def test_published_keys_hold_no_private_half(settings: Settings) -> None:
    settings.LETTER_KEYS = {1: OLD}
    page = Client().get(reverse("letter_keys")).content
    assert base64.urlsafe_b64encode(OLD).rstrip(b"=") not in page


def test_keys_take_turns_and_a_key_taken_out_opens_nothing(settings: Settings) -> None:
    claims = Claims("ACDEFGHJKM", 3, clock.now().replace(microsecond=0), "new", "jakarta-1")
    settings.LETTER_KEYS, settings.LETTER_WITH = {1: OLD}, 1
    first = signed(claims)
    settings.LETTER_KEYS, settings.LETTER_WITH = {1: OLD, 2: NEW}, 2
    second = signed(claims)
    assert [read(first), read(second)] == [claims, claims]
    settings.LETTER_KEYS = {2: NEW}
    assert read(second) == claims
    with pytest.raises(Forged):
        read(first)


def by_another_key(token: str, settings: Settings) -> str:
    theirs = settings.LETTER_KEYS
    settings.LETTER_KEYS = {settings.LETTER_WITH: NEW}
    forged = signed(read_unsigned(token))
    settings.LETTER_KEYS = theirs
    return forged


def read_unsigned(token: str) -> Claims:
    body = plain(token.split(".")[1])
    return Claims(body["code"], 1, clock.now(), "new")


def with_body(token: str, **said: Any) -> str:
    head, body, signature = token.split(".")
    changed = json.dumps(plain(body) | said).encode()
    return f"{head}.{base64.urlsafe_b64encode(changed).decode().rstrip('=')}.{signature}"


def with_head(token: str, **said: Any) -> str:
    _head, body, signature = token.split(".")
    changed = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    return f"{changed}.{body}.{signature}"


FORGERIES: dict[str, Callable[[str], str]] = {
    "another day": lambda token: with_body(token, starts=1_800_000_000),
    "another code": lambda token: with_body(token, code="ACDEFGHJKM"),
    "another serial": lambda token: with_body(token, serial=2),
    "no algorithm": lambda token: with_head(token, alg="none", kid="1"),
    "another algorithm": lambda token: with_head(token, alg="HS256", kid="1"),
    "unknown key": lambda token: with_head(token, alg="EdDSA", kid="9"),
    "odd key": lambda token: with_head(token, alg="EdDSA", kid=None),
    "no algorithm named": lambda token: with_head(token, kid="1"),
    "no signature": lambda token: token.rpartition(".")[0] + ".",
    "cut off": lambda token: token[:-9],
    "in capitals": lambda token: token.upper(),
    "two parts": lambda token: token.rpartition(".")[0],
    "too long": lambda token: token + "A" * 400,
    "not text": lambda token: token[:20] + "ß" + token[21:],
}


@pytest.mark.parametrize("how", FORGERIES)
def test_forged_square_is_called_forged_by_everybody(how: str) -> None:
    appointment = make_confirmed()
    forged = FORGERIES[how](square(appointment))
    assert check_letter(forged).state == LetterState.FORGED
    answer = nobody().get(reverse("verify", args=[forged]))
    assert answer.status_code == 404
    assert "This letter is not from us" in text_of(answer)
    assert appointment.slot.office.name not in text_of(answer)


def test_square_signed_by_another_key_is_forged(settings: Settings) -> None:
    forged = by_another_key(square(make_confirmed()), settings)
    assert check_letter(forged).state == LetterState.FORGED


def test_good_square_is_good_until_its_letter_is_void() -> None:
    appointment = make_confirmed()
    first = square(appointment)
    assert check_letter(letter_url(appointment)).state == LetterState.VALID
    void(appointment, VoidReason.CORRECTED)
    second = square(appointment)
    states = [check_letter(token).state for token in (first, second, appointment.code)]
    assert states == [LetterState.MOVED, LetterState.VALID, LetterState.VALID]
    void(appointment, VoidReason.MOVED_BY_OFFICE)
    assert check_letter(first).reason == VoidReason.CORRECTED
    assert check_letter(second).reason == VoidReason.MOVED_BY_OFFICE
    assert read(square(appointment)).serial == 3


@pytest.mark.parametrize("reason", VoidReason)
def test_void_letter_says_why_and_shows_no_new_place(reason: VoidReason) -> None:
    appointment = make_confirmed()
    old = square(appointment)
    void(appointment, reason)
    answer = nobody().get(reverse("verify", args=[old]))
    assert answer.status_code == 410
    text = text_of(answer)
    assert "there is a newer one" in text
    with translation.override("en"):
        assert str(reason.label) in text
    assert appointment.slot.office.name not in text


def test_square_of_another_moment_is_void_though_nobody_voided_it() -> None:
    appointment = make_confirmed()
    old = square(appointment)
    slot = appointment.slot
    type(slot).objects.filter(pk=slot.pk).update(starts_at=slot.starts_at + timedelta(hours=1))
    assert check_letter(old).state == LetterState.MOVED


def test_square_of_before_that_names_no_office_is_good_and_of_another_office_is_void() -> None:
    appointment = make_confirmed()
    claims = read(square(appointment))
    for office, state in (("", LetterState.VALID), ("elsewhere", LetterState.MOVED)):
        assert check_letter(signed(replace(claims, office=office))).state == state


def test_letter_of_an_appointment_that_ended_is_good_no_more() -> None:
    appointment = make_confirmed()
    token = square(appointment)
    with transaction.atomic():
        with triggers_off():
            sql("UPDATE appointments_appointment SET status = 'expired'")
        for text in (token, appointment.code):
            assert nobody().get(reverse("verify", args=[text])).status_code == 410
        transaction.set_rollback(True)


def test_square_of_an_appointment_that_is_forgotten_is_unknown() -> None:
    claims = Claims("ACDEFGHJKM", 1, clock.now(), "new")
    assert check_letter(signed(claims)).state == LetterState.UNKNOWN


def test_void_letter_before_the_confirmation_does_nothing() -> None:
    appointment = make_awaiting()
    void(appointment)
    assert not VoidLetter.objects.exists()


def test_void_letter_leaves_a_line() -> None:
    appointment = make_confirmed()
    void(appointment)
    [entry] = [
        entry
        for entry in trail.of(f"appointment:{appointment.code}")
        if entry.deed == "letter.void"
    ]
    assert entry.facts == {"serial": 1, "reason": "moved"}


@pytest.mark.parametrize("serial", [0, 1, 3])
def test_database_voids_letters_in_order_only(serial: int) -> None:
    appointment = make_confirmed()
    void(appointment)
    facts = {"reason": VoidReason.MOVED, "voided_at": clock.now()}
    with pytest.raises(Error), transaction.atomic():
        VoidLetter.objects.create(appointment=appointment, serial=serial, **facts)
    VoidLetter.objects.create(appointment=appointment, serial=2, **facts)


def test_database_makes_no_void_letter_good_again() -> None:
    appointment = make_confirmed()
    void(appointment)
    with pytest.raises(Error, match="letter_void_for_good"), transaction.atomic():
        VoidLetter.objects.update(reason=VoidReason.CORRECTED)
    with pytest.raises(Error, match="does not become good again"), transaction.atomic():
        delete_for_good()


def delete_for_good() -> None:
    VoidLetter.objects.all().delete()
    check_deferred()


# The counter


@pytest.fixture
def counter(client: Client) -> tuple[Client, Appointment]:
    slot = make_open_slot(starts_at=clock.now() + timedelta(minutes=20))
    appointment = make_confirmed(slot=slot, person=make_person(name="Dewi Lestari"))
    client.cookies["django_language"] = "en"
    client.force_login(make_officer(Role.COUNTER, slot.office))
    return client, appointment


def test_check_in_by_the_square_welcomes(counter: tuple[Client, Appointment]) -> None:
    client, appointment = counter
    answer = client.post("/admin/check-in/", {"code": letter_url(appointment)})
    appointment.refresh_from_db()
    assert appointment.status == "checked_in"
    assert "Dewi Lestari" in text_of(answer)


def test_check_in_by_a_void_square_says_why_and_takes_nobody(
    counter: tuple[Client, Appointment],
) -> None:
    client, appointment = counter
    old = letter_url(appointment)
    void(appointment)
    text = text_of(client.post("/admin/check-in/", {"code": old}))
    appointment.refresh_from_db()
    assert appointment.status == "confirmed"
    assert "moved the appointment to another session" in text
    assert "Ask the person to open the newest letter" in text


def test_check_in_by_a_forged_square_is_refused(counter: tuple[Client, Appointment]) -> None:
    client, appointment = counter
    forged = with_body(square(appointment), serial=9)
    text = text_of(client.post("/admin/check-in/", {"code": f"http://x/verify/{forged}/"}))
    appointment.refresh_from_db()
    assert appointment.status == "confirmed"
    assert "does not carry our signature" in text


def test_page_without_a_line_has_public_keys_and_offices_and_asks_the_server_without_scripts(
    counter: tuple[Client, Appointment],
) -> None:
    client, appointment = counter
    other = make_office()
    page = client.get("/admin/letter-check/")
    facts = page.context["facts"]
    assert facts["keys"] == Client().get(reverse("letter_keys")).json()["keys"]
    assert facts["own"] == [appointment.slot.office.code]
    assert {appointment.slot.office.code, other.code} <= set(facts["offices"])
    assert 'action="/verify/"' in page.content.decode()
    assert appointment.code not in page.content.decode()
    worker = client.get("/admin/letter-check/worker.js")
    assert worker["Content-Type"] == "text/javascript"


# The page for everybody


@pytest.mark.parametrize("typed", ["{code}", " {lower} ", "https://x.test/verify/{code}/?a=b"])
def test_verify_form_leads_to_the_answer(typed: str) -> None:
    code = make_confirmed().code
    typed = typed.format(code=code, lower=code.lower())
    answer = nobody().get(reverse("verify_form"), {"code": typed}, follow=True)
    assert (answer.status_code, "This letter is good" in text_of(answer)) == (200, True)


@pytest.mark.parametrize("typed", ["", "  ", "-", "///", "A" * 501])
def test_verify_form_with_nothing_to_read_asks_again(typed: str) -> None:
    answer = nobody().get(reverse("verify_form"), {"code": typed})
    assert answer.status_code == 200
    assert answer.context["form"].errors["code"]


# For programs


def test_letter_check_for_programs_says_state_and_visit() -> None:
    appointment = make_confirmed()
    slot = appointment.slot
    old = square(appointment)
    good = Client().get(f"/api/v1/letters/{old}/").json()
    assert (good["state"], good["reason"]) == ("valid", "")
    assert (good["visit"]["code"], good["visit"]["office"]) == (appointment.code, slot.office.code)
    void(appointment)
    gone = Client().get(f"/api/v1/letters/{old}/").json()
    assert gone == {"state": "moved", "reason": "moved", "visit": None}
