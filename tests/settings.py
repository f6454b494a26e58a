"""The service's own settings; only what tests must have otherwise is changed."""

import os
from tempfile import TemporaryDirectory

from mpaspor.embedded.environment import environment

environment()

from mpaspor import settings as service  # noqa: E402
from mpaspor.settings import *  # noqa: E402, F403

# The browser driver keeps an event loop in the thread of the test.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

# A slow hash guards real passwords.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Files come from where they are written, uncollected; documents go with the process.
_documents = TemporaryDirectory(prefix="mpaspor-test-documents-", ignore_cleanup_errors=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "documents": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": _documents.name},
    },
}

# A page gives Redis up after half a second; a test on a machine that is busy with others must not.
PATIENT = {"socket_timeout": 30, "socket_connect_timeout": 30}
CACHES = {"default": service.CACHES["default"] | {"OPTIONS": PATIENT}}
NUDGE_TRANSPORT_OPTIONS = service.NUDGE_TRANSPORT_OPTIONS | PATIENT
