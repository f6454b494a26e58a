"""The public page that explains a NIK, and what of it helps on the form of a person."""

import logging
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from redis import Redis

from applicants.models import Identity, Person, Session
from mpaspor.audit.models import Entry
from tests.api.conftest import make_integrator
from tests.applicants.test_person_pages import TYPED
from tests.database import hits
from tests.factories.applicants import make_person, make_user, valid_nik

pytestmark = pytest.mark.django_db

PAGE = "/nik/"
NEW = "/account/persons/new/"
NIK = "1173014107900001"


def check(visitor: Client, nik: str) -> Any:
    return visitor.post(PAGE, {"nik": nik})


def test_nik_page_is_for_everybody_and_shows_the_form_only(visitor: Client) -> None:
    page = visitor.get(PAGE)
    assert (page.status_code, page.context["parts"]) == (HTTPStatus.OK, [])
    assert 'class="problems"' not in page.text


def test_nik_page_tells_what_was_understood(visitor: Client) -> None:
    page = check(visitor, NIK)
    assert "Muara Dua, Kota Lhokseumawe, Aceh; woman; born 1 July 1990" in page.text
    assert page.text.count('<th scope="row" class="mono">') == 7
    assert "Cannot be right" not in page.text


def test_nik_page_marks_the_digits_at_fault_by_line_word_and_reason(visitor: Client) -> None:
    page = check(visitor, "1173018107900000")
    assert page.text.count('<tr class="wrong">') == page.text.count("Cannot be right") == 2
    assert page.context["form"].errors["nik"] == [
        "Digits 7 and 8 are the day of birth: 01 to 31, or 41 to 71 for women.",
        "Digits 13 to 16 are never 0000. Compare it with the identity card (KTP-el) or the family "
        "card (KK).",
    ]
    assert page.context["form"]["nik"].value() == "1173018107900000"
    codes = [error.code for error in page.context["form"].errors["nik"].as_data()]
    assert codes == ["nik-not-valid", "nik-not-valid"]


@pytest.mark.parametrize(
    ("nik", "said"),
    [("1199010107900001", "Digits 3 and 4"), ("1173990107900001", "Digits 5 and 6")],
)
def test_nik_page_unknown_code_is_a_note(visitor: Client, nik: str, said: str) -> None:
    page = check(visitor, nik)
    assert "This can be a NIK" in page.text
    assert f"{said}, the" in page.text
    assert page.text.count("In none of our lists") == 1


def test_nik_page_one_press_takes_the_suggestion(visitor: Client) -> None:
    page = check(visitor, "11730141O790OOO1")
    assert "Yes, I mean 1173 0141 0790 0001" in page.text
    assert f'<input type="hidden" name="nik" value="{NIK}">' in page.text
    assert "This can be a NIK" in check(visitor, NIK).text


def test_nik_page_speaks_indonesian(client: Client) -> None:
    page = check(client, "1173018107900001")
    assert "Angka ke-7 dan ke-8" in page.text


def test_nik_in_an_address_is_not_read(visitor: Client) -> None:
    page = visitor.get(f"{PAGE}?nik={NIK}")
    assert (page.context["form"].is_bound, page.context["parts"]) == (False, [])


def test_nik_page_is_not_to_be_kept_by_anybody(visitor: Client) -> None:
    for page in (visitor.get(PAGE), check(visitor, NIK)):
        assert "no-store" in page["Cache-Control"]


def test_nik_page_needs_the_token_of_its_own_form() -> None:
    visitor = Client(enforce_csrf_checks=True)
    assert check(visitor, NIK).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "typed", [NIK, "1173 0141 0790 0001", "1173014107900000", NIK[:15], "11730141O7900001"]
)
def test_nik_that_was_checked_is_in_no_table_session_cache_or_log(
    visitor: Client, caplog: pytest.LogCaptureFixture, settings: Any, typed: str
) -> None:
    caplog.set_level(logging.DEBUG)
    cache.clear()
    check(visitor, typed)
    make_integrator().post("nik-checks/", {"nik": typed, "sex": "M"})
    visitor.force_login(make_user())
    visitor.post(NEW, TYPED | {"nik": typed, "name": "1"})
    stored = Redis.from_url(settings.REDIS_URL)
    kept = [*stored.keys(), *(stored.get(key) or b"" for key in stored.keys("*cache*"))]
    data = [session.get_decoded() for session in Session.objects.all()]
    assert caplog.records
    assert (hits(typed), typed in f"{kept}{data}{caplog.text}") == (0, False)
    assert Identity.objects.count() == Entry.objects.filter(deed="add_person").count() == 0


def test_nik_page_is_linked_from_home_and_from_every_foot(visitor: Client) -> None:
    assert visitor.get("/").text.count(f'href="{PAGE}"') == 2
    assert visitor.get(PAGE).text.count(f'href="{PAGE}"') == 1


def test_person_form_links_what_the_digits_mean(visitor: Client) -> None:
    visitor.force_login(make_user())
    assert f'<a href="{PAGE}">What the digits mean</a>' in visitor.get(NEW).text


def test_person_add_one_press_takes_the_suggestion(visitor: Client) -> None:
    visitor.force_login(make_user())
    typed = TYPED | {"nik": "32730101O79O0001"}
    page = visitor.post(NEW, typed)
    assert "Yes, I mean 3273 0101 0790 0001" in page.text
    assert Person.objects.count() == 0
    answer = visitor.post(NEW, typed | {"take_suggestion": "yes"})
    assert answer["Location"] == reverse("my_applications")
    assert Person.objects.get().identity.nik == "3273010107900001"


def test_person_add_corrected_by_hand_is_not_overruled_by_the_suggestion(visitor: Client) -> None:
    visitor.force_login(make_user())
    visitor.post(NEW, TYPED | {"nik": "3273010107900002", "take_suggestion": "yes"})
    assert Person.objects.get().identity.nik == "3273010107900002"


@pytest.mark.parametrize("typed", ["", "Oil", "3273018107900001"])
def test_person_add_without_a_suggestion_takes_none(visitor: Client, typed: str) -> None:
    visitor.force_login(make_user())
    page = visitor.post(NEW, TYPED | {"nik": typed, "take_suggestion": "yes"})
    assert list(page.context["form"].errors) == ["nik"]
    assert "Yes, I mean" not in page.text


def test_person_add_with_an_unknown_code_is_saved_and_tells_the_note(visitor: Client) -> None:
    visitor.force_login(make_user())
    answer = visitor.post(NEW, TYPED | {"nik": valid_nik(district="327399")})
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert said == [
        "The person is in your account now.",
        "Digits 5 and 6, the district, are in none of our lists. It may be an old code: a NIK "
        "keeps the codes of its first registration. Go on.",
    ]


def test_person_add_with_another_mistake_says_beside_the_nik_what_it_says(visitor: Client) -> None:
    visitor.force_login(make_user())
    page = visitor.post(NEW, TYPED | {"nik": "1199010107900001", "sex": "F"})
    hint = page.context["form"]["nik"].help_text
    assert hint.startswith("Aceh; man; born 1 July 1990. Digits 3 and 4, the regency or city")


def test_person_edit_tells_where_the_nik_is_from_and_not_more(visitor: Client) -> None:
    person = make_person(nik="9101010107900001")
    visitor.force_login(person.account)
    page = visitor.get(reverse("person_edit", args=[person.code])).text
    assert "Kabupaten Merauke" in page
    assert page.count("Merauke") == 1
