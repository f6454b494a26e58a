"""One process answers the same public question from memory, and nothing else."""

import time

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from mpaspor.shared_answers import MOST, Handler, shared_answers
from quota.models import Seat
from quota.queries import FRESH
from tests.factories.quota import make_open_slot

pytestmark = pytest.mark.django_db


def counting(**headers: str) -> tuple[Handler, list[str]]:
    """A service that answers everything with these headers, and what it was asked."""
    asked: list[str] = []

    def answer(request: HttpRequest) -> HttpResponse:
        asked.append(request.get_full_path())
        return HttpResponse(f"answer {len(asked)}", headers=headers)

    return shared_answers(answer), asked


PUBLIC = {"Cache-Control": "public, max-age=5", "ETag": '"one"'}
ASKING = RequestFactory()


def test_free_seats_are_counted_once_in_their_seconds() -> None:
    slot = make_open_slot(seats=2)
    path = f"/api/v1/offices/{slot.office.code}/availability/?from={slot.date}&to={slot.date}"
    client = Client()
    first = client.get(path)
    Seat.objects.filter(slot=slot, number=1).update(holder="SOMEBODY")
    again = client.get(path)
    assert first.json()["sessions"][0]["free"] == again.json()["sessions"][0]["free"] == 2
    assert 0 <= int(again["Age"]) < FRESH
    assert first["Cache-Control"] == f"public, max-age={FRESH}"
    for name in ("Content-Type", "ETag", "Cache-Control", "Content-Security-Policy"):
        assert again[name] == first[name]
    # Another process knows what is true now.
    assert Client().get(path).json()["sessions"][0]["free"] == 1


def test_what_is_too_old_is_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    service, asked = counting(**PUBLIC)
    now = time.monotonic()
    bodies = []
    for later in (0, 4.9, 5.0, 9.9, 10.0):
        monkeypatch.setattr(time, "monotonic", lambda later=later: now + later)
        bodies.append(service(ASKING.get("/api/v1/x/")).content)
    assert bodies == [b"answer 1", b"answer 1", b"answer 2", b"answer 2", b"answer 3"]
    assert len(asked) == 3


def test_who_has_it_already_is_told_so() -> None:
    service, asked = counting(**PUBLIC)
    service(ASKING.get("/api/v1/x/"))
    same = service(ASKING.get("/api/v1/x/", headers={"If-None-Match": '"one"'}))
    other = service(ASKING.get("/api/v1/x/", headers={"If-None-Match": '"two"'}))
    assert (same.status_code, same.content, other.status_code) == (304, b"", 200)
    assert len(asked) == 1


@pytest.mark.parametrize(
    "other",
    [
        ASKING.get("/api/v1/x/?day=2"),
        ASKING.get("/api/v1/y/"),
        ASKING.get("/api/v1/x/", headers={"Accept-Language": "en"}),
        ASKING.get("/api/v1/x/", headers={"Accept": "text/html"}),
        ASKING.get("/api/v1/x/", headers={"Cookie": "django_language=en"}),
        ASKING.get("/api/v1/x/", headers={"Host": "evil.example"}),
        ASKING.get("/api/v1/x/", secure=True),
        ASKING.head("/api/v1/x/"),
        ASKING.post("/api/v1/x/"),
    ],
    ids=["query", "path", "language", "type", "cookie", "host", "https", "HEAD", "POST"],
)
def test_another_question_has_its_own_answer(other: HttpRequest) -> None:
    service, asked = counting(**PUBLIC)
    service(ASKING.get("/api/v1/x/"))
    assert service(other).content == b"answer 2"
    assert len(asked) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cache-Control": "max-age=5"},
        {"Cache-Control": "private, max-age=5"},
        {"Cache-Control": "public"},
        {"Cache-Control": "public, max-age=0"},
        {"Cache-Control": "public, no-store"},
    ],
    ids=lambda headers: headers.get("Cache-Control", "nothing said"),
)
def test_what_is_not_for_everybody_is_not_kept(headers: dict[str, str]) -> None:
    service, asked = counting(**headers)
    for _time in range(2):
        service(ASKING.get("/api/v1/x/"))
    assert len(asked) == 2


def test_pages_refusals_and_cookies_are_not_kept() -> None:
    def refuse(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("no", status=404, headers=PUBLIC)

    def greet(request: HttpRequest) -> HttpResponse:
        response = HttpResponse(headers=PUBLIC)
        response.set_cookie("seen", request.get_full_path())
        return response

    page, asked = counting(**PUBLIC)
    for _time in range(2):
        page(ASKING.get("/offices/"))
    assert len(asked) == 2
    for service in (refuse, greet):
        shared = shared_answers(service)
        assert all("Age" not in shared(ASKING.get("/api/v1/x/")) for _time in range(2))


def test_ever_new_questions_fill_no_memory() -> None:
    service, asked = counting(**PUBLIC)
    for number in range(MOST + 1):
        service(ASKING.get(f"/api/v1/x/?n={number}"))
    service(ASKING.get(f"/api/v1/x/?n={MOST}"))
    assert len(asked) == MOST + 1
    service(ASKING.get("/api/v1/x/?n=0"))
    assert len(asked) == MOST + 2
