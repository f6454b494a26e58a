"""Outages under several hands: two monitors, two officers."""

from collections.abc import Callable

import pytest

from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from payments.enums import IncidentKind
from payments.incidents import end_incident, open_incident
from payments.models import Incident
from tests.races.crowd import at_once

PEOPLE, ROUNDS = 8, 3

pytestmark = pytest.mark.django_db(transaction=True)
rounds = pytest.mark.parametrize("round_", range(ROUNDS))


def answered(deed: Callable[[], object]) -> str:
    try:
        deed()
    except Refusal as no:
        return no.code
    return "done"


def open_one() -> Incident:
    return open_incident(what=IncidentKind.GATEWAY, by="test", at=clock.now())


@rounds
def test_open_incident_by_many_at_once_is_one_incident(round_: int) -> None:
    opened = at_once(lambda _person: open_one().code, PEOPLE)
    [incident] = Incident.objects.all()
    assert opened == {incident.code: PEOPLE}
    assert [entry.deed for entry in trail.of(f"incident:{incident.code}")] == ["incident.open"]


@rounds
def test_end_incident_by_many_at_once_ends_it_once(round_: int) -> None:
    code = open_one().code
    ended = at_once(
        lambda _person: answered(lambda: end_incident(code=code, by="test", at=clock.now())),
        PEOPLE,
    )
    assert ended == {"done": 1, "incident-over": PEOPLE - 1}
    deeds = [entry.deed for entry in trail.of(f"incident:{code}")]
    assert deeds == ["incident.open", "incident.end"]
