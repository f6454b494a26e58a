"""The demonstration's data, also over those of an older version."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from applicants import totp
from applicants.models import SecondFactor, User
from applicants.second_step import pass_by_app
from appointments.calls.models import Counter
from mpaspor.core import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(settings: Settings, tmp_path: Path) -> Path:
    settings.DEMO, settings.DEMO_FILE = True, str(tmp_path / "demo.json")
    return tmp_path / "demo.json"


def seed(file: Path) -> dict[str, Any]:
    call_command("seed_demo")
    facts: dict[str, Any] = json.loads(file.read_text())["officers"]
    return facts


def test_seed_demo_sets_up_counters_once(file: Path) -> None:
    for _again in range(2):
        seed(file)
    assert list(Counter.objects.values_list("number", "station", "is_open")) == [
        (1, "interview", False),
        (2, "interview", False),
        (3, "biometrics", False),
    ]


def test_seed_demo_gives_officers_an_app_that_signs_in_and_keeps_it(file: Path) -> None:
    officers = seed(file)
    assert sorted(officers) == [
        "auditor",
        "centre",
        "counter",
        "head",
        "planner",
        "treasurer",
        "treasurer2",
    ]
    for officer in officers.values():
        at = clock.now()
        code = totp.code_of(officer["totp_secret"], totp.step_at(at))
        pass_by_app(account=User.objects.get(email=officer["login"]), typed=code, at=at)
    assert seed(file) == officers

    SecondFactor.objects.filter(account__email=officers["head"]["login"]).delete()
    again = seed(file)
    assert again.pop("head")["totp_secret"] != officers.pop("head")["totp_secret"]
    assert again == officers
