import pytest

from quota.demo import load_offices
from quota.enums import OfficeKind, Zone
from quota.models import Office

pytestmark = pytest.mark.django_db


def test_load_offices_covers_the_three_zones() -> None:
    loaded = load_offices()

    assert {office.zone for office in loaded} == set(Zone.values)
    assert {office.kind for office in loaded} <= set(OfficeKind.values)
    for office in loaded:
        office.full_clean()


def test_load_offices_again_keeps_what_was_changed() -> None:
    load_offices()
    Office.objects.filter(code="denpasar").update(address="Jalan Baru 1")
    number = Office.objects.count()

    load_offices()

    assert Office.objects.count() == number
    assert Office.objects.get(code="denpasar").address == "Jalan Baru 1"
