"""What Django says of a mistake of ours, to a developer and by mail, tells no NIK and no phone."""

import logging
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.utils.log import AdminEmailHandler
from pytest_django import Settings

from mpaspor.core.logs import Scrub

NIK, PHONE = "3273010107900001", "0812-3456-7890"


def failing(request: HttpRequest) -> HttpResponse:
    local = {"nik": request.POST["nik"]}
    raise RuntimeError(f"of {local} and {request.POST['phone']}")


urlpatterns = [path("failing/", failing)]


@pytest.fixture
def reported(settings: Settings) -> Any:
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)

    def post() -> str:
        form = {"nik": NIK, "phone": PHONE}
        answer = client.post(f"/failing/?nik={NIK[:4]}.{NIK[4:]}", form)
        assert answer.status_code == 500
        return answer.text

    return post


def tells(text: str) -> list[str]:
    return [part for part in (NIK, f"{NIK[:4]}.{NIK[4:]}", PHONE) if part in text]


def test_report_of_a_developer_masks_personal_data(settings: Settings, reported: Any) -> None:
    settings.DEBUG = True
    text = reported()
    assert "RuntimeError" in text
    assert "3273********0001" in text
    assert tells(text) == []


def test_report_by_mail_masks_personal_data(settings: Settings, reported: Any) -> None:
    settings.ADMINS = [("Operator", "operator@example.test")]
    by_mail = AdminEmailHandler(include_html=True)
    by_mail.addFilter(Scrub())
    log = logging.getLogger("django.request")
    log.addHandler(by_mail)
    try:
        reported()
    finally:
        log.removeHandler(by_mail)
    [sent] = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    text = "\n".join([str(sent.subject), str(sent.body), str(sent.alternatives)])
    assert "RuntimeError" in text
    assert "3273********0001" in text
    assert tells(text) == []


def test_control_a_report_of_django_tells_everything(settings: Settings, reported: Any) -> None:
    settings.DEBUG = True
    settings.DEFAULT_EXCEPTION_REPORTER = "django.views.debug.ExceptionReporter"
    assert tells(reported()) == [NIK, f"{NIK[:4]}.{NIK[4:]}", PHONE]
