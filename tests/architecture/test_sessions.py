"""There is one way to begin a session, and the second step stands in it (applicants.proofs)."""

import re
from pathlib import Path

import pytest
from django.conf import settings

PRODUCT = ("applicants", "appointments", "mpaspor", "payments", "quota")
SOURCES = sorted(path for app in PRODUCT for path in (Path(settings.BASE_DIR) / app).rglob("*.py"))
# Django's own way to begin a session, and views of allauth that end in it by a way of their own.
ANOTHER_WAY = re.compile(
    r"contrib\.auth import [^\n]*\blogin\b|\bauth\.login\(|\bdjango_login\b|\bSESSION_KEY\b"
    r"|\bLoginView\b(?!\))|\badapter\.login\("
)
# allauth's sign-in, with our form.
SIGN_IN = "applicants/views/signing_in.py"


def begins_sessions(source: str) -> bool:
    return bool(ANOTHER_WAY.search(source))


def test_sessions_begin_in_allauths_sign_in_only() -> None:
    root = Path(settings.BASE_DIR)
    found = [str(path.relative_to(root)) for path in SOURCES if begins_sessions(path.read_text())]
    assert found == [SIGN_IN]


@pytest.mark.parametrize(
    ("source", "begins"),
    [
        ("from django.contrib.auth import authenticate, login\n", True),
        ("auth.login(request, user)", True),
        ("from django.contrib.auth import update_session_auth_hash\n", False),
        ("from django.contrib.auth.decorators import login_required\n", False),
        ("perform_login(request, account)", False),
    ],
)
def test_begins_sessions_knows_one_from_the_other(source: str, begins: bool) -> None:
    assert begins_sessions(source) == begins
