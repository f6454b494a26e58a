from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from applicants import proofs
from applicants.models import User
from mpaspor.core import clock


@receiver(user_logged_in)
def on_signed_in(request: HttpRequest, user: User, **_rest: Any) -> None:
    proofs.begin(request, user, at=clock.now())
