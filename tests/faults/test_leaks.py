"""A thousand NIKs go through the real doors; then a thief takes everything there is to take."""

import json
import re
import secrets
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
import requests
from django.conf import settings
from django.test import Client

from applicants.models import Identity, Session, User
from mpaspor.embedded import postgres
from mpaspor.notifications.models import Notice
from payments.fees import load_fees
from tests.api.conftest import make_integrator
from tests.factories.applicants import make_person, make_superuser, make_user
from tests.factories.appointments import make_confirmed
from tests.faults.browser import Device
from tests.faults.house import House, database_url
from tests.faults.trouble import HEADER
from tests.simulators.running import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]

HANDS = 4
PERSON = {"name": "Budi Santoso", "birth_place": "Bandung", "sex": "M"}
RIGHT, WRONG = {"birth_date": "1990-07-01"}, {"birth_date": "1991-07-01"}
NEW_PERSON, LOGIN = "/account/persons/new/", "/account/login/"
FACES = {
    "a sixteen-digit number": re.compile(r"(?=(\d{16}))"),
    "the same as bytes in hexadecimal": re.compile(r"(?=((?:3\d){16}))"),
}

serials = count(1)


def new_niks(number: int) -> list[str]:
    return [f"317101010790{next(serials):04}" for _ in range(number)]


def found(niks: set[str], text: str) -> set[str]:
    plain = set(FACES["a sixteen-digit number"].findall(text))
    as_bytes = FACES["the same as bytes in hexadecimal"].findall(text)
    return niks & (plain | {bytes.fromhex(face).decode() for face in as_bytes})


# The doors


def signed_in(house: House, account: User) -> Device:
    device, client = Device(house.url), Client()
    client.force_login(account)
    cookie = settings.SESSION_COOKIE_NAME
    device.web.cookies.set(cookie, client.cookies[cookie].value)
    device.get(LOGIN)
    return device


def send(device: Device, path: str, **form: str) -> int:
    """Its answer is not followed: the list of all these persons is not what this is about."""
    token = device.web.cookies[settings.CSRF_COOKIE_NAME]
    answer = device.web.post(
        device.url + path, {"csrfmiddlewaretoken": token, **form}, allow_redirects=False
    )
    return answer.status_code


def by_pages(house: House, account: User, facts: dict[str, str]) -> Callable[[str], int]:
    device = signed_in(house, account)
    return lambda nik: send(device, NEW_PERSON, nik=nik, **PERSON, **facts)


def by_wrong_fields(house: House) -> Callable[[str], int]:
    device = Device(house.url)
    device.get(LOGIN)

    def type_it_anywhere(nik: str) -> int:
        send(device, "/account/signup/", name=nik, contact=nik, password=nik)
        send(device, "/account/recover/", contact=nik)
        return send(device, LOGIN, login=f"{nik[:6]} {nik[6:]}", password=nik)

    return type_it_anywhere


def by_api(house: House) -> Callable[[str], int]:
    token = make_integrator().token

    def add(nik: str) -> int:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": secrets.token_hex(8)}
        body = {"nik": nik, **PERSON, **RIGHT}
        for _repeated in range(2):
            answer = requests.post(f"{house.url}/api/v1/persons/", json=body, headers=headers)
        return answer.status_code

    return add


def by_errors(house: House) -> Callable[[str], int]:
    def fail(nik: str) -> int:
        address = f"{house.url}{LOGIN}?nik={nik}"
        return requests.post(address, {"login": nik}, headers={HEADER: "1"}).status_code

    return fail


def by_admin(house: House, officer: User) -> Callable[[str], int]:
    device, table = signed_in(house, officer), "/admin/applicants/person/"

    def look(nik: str) -> int:
        person = make_person(nik=nik)
        pages = [f"{table}?q={nik}", f"{table}{person.pk}/change/", f"{table}{person.pk}/history/"]
        texts = [device.get(page).text for page in pages]
        assert nik not in texts[1]
        assert f"{nik[:4]}********{nik[-4:]}" in texts[1]
        return 200

    return look


def by_notices(nik: str) -> int:
    make_confirmed(person=make_person(nik=nik))
    return 200


def through(door: Callable[[str], int], niks: list[str]) -> set[int]:
    with ThreadPoolExecutor(HANDS) as hands:
        return set(hands.map(door, niks))


# The thief


def dump() -> str:
    tool = postgres.binaries() / "pg_dump"
    taken = subprocess.run([tool, "--data-only", database_url()], capture_output=True, check=True)
    return taken.stdout.decode(errors="replace")


def sessions() -> str:
    return "\n".join(json.dumps(session.get_decoded()) for session in Session.objects.all())


def redis_of(house: House) -> str:
    return "\n".join(str(part) for part in redis_parts(house))


def redis_parts(house: House) -> Iterator[object]:
    server = house.redis
    read: dict[object, Callable[[bytes], object]] = {
        b"string": server.get,
        b"list": lambda key: server.lrange(key, 0, -1),
        b"hash": server.hgetall,
        b"set": server.smembers,
        b"zset": lambda key: server.zrange(key, 0, -1, withscores=True),
        b"none": lambda key: None,
    }
    for key in server.scan_iter():
        yield key
        yield read[server.type(key)](key)


def loot(house: House) -> dict[str, str]:
    return {
        "dump": dump(),
        "sessions": sessions(),
        "redis": redis_of(house),
        "logs": house.logs(),
    }


def test_a_thousand_niks_through_every_door_are_in_nothing_that_can_be_stolen(
    service: House,
) -> None:
    load_fees()
    family = make_user(person_limit=1000)
    officer = make_superuser()
    doors: list[tuple[Callable[[str], int], int, set[int]]] = [
        (by_pages(service, family, RIGHT), 500, {302}),
        (by_pages(service, family, WRONG), 100, {200}),
        (by_wrong_fields(service), 60, {200}),
        (by_api(service), 240, {201}),
        (by_errors(service), 60, {500}),
        (by_admin(service, officer), 20, {200}),
        (by_notices, 20, {200}),
    ]
    niks: set[str] = set()
    for door, number, answers in doors:
        some = new_niks(number)
        niks |= set(some)
        assert through(door, some) == answers
    until(lambda: not Notice.objects.filter(sent_at=None).exists(), seconds=60, what="all notices")

    assert len(niks) == 1000
    assert Identity.objects.count() == 500 + 240 + 20 + 20
    taken = loot(service)
    assert {place: found(niks, text) for place, text in taken.items()} == {
        place: set() for place in taken
    }
    assert "applicants_identity" in taken["dump"]
    assert "RuntimeError" in taken["logs"]
    assert len(taken["redis"]) > 0


def test_control_a_nik_that_lies_about_is_found_wherever_it_is(service: House) -> None:
    [nik] = new_niks(1)
    User.objects.create_user("siti@example.test", name=f"Siti {nik}")
    client = Client()
    client.get("/")
    session = client.session
    session["typed"] = nik
    session.save()
    service.redis.rpush("a list", nik)
    with service.log_of("web").open("a") as log:
        log.write(f"person {nik}\n")
    try:
        taken = loot(service)
        assert {place for place, text in taken.items() if found({nik}, text)} == set(taken)
        assert found({nik}, nik.encode().hex()) == {nik}
    finally:
        service.redis.flushall()
        service.log_of("web").write_text("")
