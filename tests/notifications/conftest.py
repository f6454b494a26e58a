from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.simulators.running import Inbox, start_inbox


@pytest.fixture(scope="package")
def running_inbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inbox]:
    inbox = start_inbox(tmp_path_factory.mktemp("inbox"))
    yield inbox
    assert inbox.stop() == 0
    assert inbox.failures() == []


@pytest.fixture
def inbox(running_inbox: Inbox, settings: Settings) -> Inbox:
    """The real inbox, and the service set to use it for mail, SMS and WhatsApp."""
    running_inbox.reset()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running_inbox.smtp_port
    settings.SMS_URL, settings.SMS_KEY = running_inbox.url, running_inbox.key
    settings.WHATSAPP_URL = f"{running_inbox.url}/whatsapp"
    settings.WHATSAPP_TOKEN, settings.WHATSAPP_SENDER = running_inbox.key, "100200300400500"
    return running_inbox
