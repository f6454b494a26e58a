from allauth.account.utils import passthrough_next_redirect_url
from django.http import HttpRequest
from django.urls import reverse

from applicants.models import User

# Fields that are never carried over to another page, besides those named for a password.
TYPED_AGAIN = {"current", "csrfmiddlewaretoken"}


class SignedInRequest(HttpRequest):
    """What a view behind `login_required` gets."""

    user: User


def from_our_page(request: HttpRequest) -> bool:
    """Another site's form is never offered again: one press would do what that site wanted."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def typed_fields(request: HttpRequest, prefix: str = "") -> list[tuple[str, str]]:
    """Names and values of a form that was sent, without secrets; those with `prefix`, less that."""
    return [
        (name, value)
        for sent, values in request.POST.lists()
        if sent.startswith(prefix) and not _is_secret(name := sent.removeprefix(prefix))
        for value in values
    ]


def _is_secret(name: str) -> bool:
    return name in TYPED_AGAIN or "password" in name


def with_next(request: HttpRequest, page: str) -> str:
    """The address of a page that leads to where this one was to lead."""
    address: str = passthrough_next_redirect_url(request, reverse(page), "next")
    return address


def host_of(request: HttpRequest) -> str:
    """The name by which the browser knows us, without the port."""
    name, _colon, port = request.get_host().rpartition(":")
    return name if name and port.isdigit() else request.get_host()
