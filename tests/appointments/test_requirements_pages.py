"""“What to bring”: every address is answered with a list or with what is wrong in it."""

from itertools import product
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from appointments.enums import Book, Circumstance, Need, ServiceClass
from payments.fees import load_fees
from payments.models import Tariff
from tests.appointments.browsing import checked, errors_of, text_of

pytestmark = pytest.mark.django_db

PAGE = "/requirements/"
ANSWERS = {"kind": "new", "age": "34", "book": "5", "service": "regular"}
LOST = ANSWERS | {"kind": "lost"}
ODD = ["", "none", "x" * 10_000, "<script>alert(1)</script>", "🌺", "-1", "9" * 5000]


@pytest.fixture(autouse=True)
def fees() -> None:
    load_fees()


@pytest.fixture
def client() -> Client:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def test_requirements_page_without_answers_asks_five_questions(client: Client) -> None:
    response = client.get(PAGE)
    assert (response.status_code, list(response.context["form"].fields)) == (
        200,
        ["kind", "age", "book", "service", "circumstance"],
    )
    assert errors_of(response) == {}


def test_requirements_page_lists_documents_fees_and_the_way_to_apply(client: Client) -> None:
    page = text_of(client.get(PAGE, ANSWERS))
    wanted = ["KTP-el", "Family card (KK)", "Rp650.000", "Pasal 4", "PP 45/2024"]
    assert [words for words in wanted if words not in page] == []
    start = "/applications/new/?kind=new&amp;book=5&amp;service=regular"
    assert start in client.get(PAGE, ANSWERS).content.decode()


def test_requirements_page_for_the_counter_says_so_and_offers_no_application(
    client: Client,
) -> None:
    response = client.get(PAGE, LOST)
    page = text_of(response)
    wanted = ["This goes to the counter", "police", "Rp1.650.000", "BAP"]
    assert [words for words in wanted if words not in page] == []
    assert "/applications/new/" not in response.content.decode()


def test_requirements_page_keeps_the_answers_to_change_them(client: Client) -> None:
    given = LOST | {"circumstance": ["name_differs", "born_abroad"]}
    response = client.get(PAGE, given)
    assert checked(response) == {
        "kind=lost",
        "book=5",
        "service=regular",
        "circumstance=name_differs",
        "circumstance=born_abroad",
    }
    assert 'value="34"' in response.content.decode()


@pytest.mark.parametrize("field", ANSWERS)
@pytest.mark.parametrize("odd", [None, *ODD], ids=lambda odd: repr(odd)[:20])
def test_requirements_page_with_an_odd_answer_names_it(
    client: Client, field: str, odd: str | None
) -> None:
    given = {name: value for name, value in ANSWERS.items() if name != field}
    response = client.get(PAGE, given if odd is None else given | {field: odd})
    assert (response.status_code, list(errors_of(response))) == (200, [field])


@pytest.mark.parametrize("odd", ODD)
def test_requirements_page_with_an_odd_circumstance_names_it(client: Client, odd: str) -> None:
    response = client.get(PAGE, ANSWERS | {"circumstance": [odd, "married"]})
    assert (response.status_code, list(errors_of(response))) == (200, ["circumstance"])


def test_requirements_page_for_ten_years_under_17_says_why(client: Client) -> None:
    response = client.get(PAGE, ANSWERS | {"age": "16", "book": "10"})
    assert errors_of(response) == {
        "book": [
            "A passport for 10 years is only given to people of 17 years or older. "
            "Choose the passport for 5 years."
        ]
    }


def test_requirements_page_without_a_fee_says_so(client: Client) -> None:
    Tariff.objects.all().delete()
    response = client.get(PAGE, ANSWERS)
    assert response.status_code == 200
    assert "No fee is set" in errors_of(response)["__all__"][0]


@pytest.mark.parametrize("address", ["?utm_source=wa", "?fbclid=x", "?%ff=1"])
def test_requirements_page_leaves_other_names_in_the_address_alone(
    client: Client, address: str
) -> None:
    response = client.get(PAGE + address)
    assert (response.status_code, errors_of(response)) == (200, {})


def test_requirements_page_with_a_sign_that_cannot_be_is_no_fault_of_ours(client: Client) -> None:
    assert client.get(PAGE, ANSWERS | {"kind": "new\x00"}).status_code == 400


def test_requirements_page_answers_every_combination(client: Client) -> None:
    for kind, age, book in product(Need.values, (3, 40), Book.values):
        for service in ServiceClass.values:
            given: dict[str, Any] = {"kind": kind, "age": age, "book": book, "service": service}
            response = client.get(PAGE, given | {"circumstance": Circumstance.values})
            assert (response.status_code, errors_of(response)) == (200, {}), given


@pytest.mark.parametrize("page", ["/", PAGE])
def test_requirements_page_is_linked_from_home_and_every_footer(client: Client, page: str) -> None:
    assert 'href="/requirements/"' in client.get(page).content.decode()
