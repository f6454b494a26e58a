from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from mpaspor.core.errors import Refusal


def send_again(request: HttpRequest, send: Callable[[], None]) -> None:
    """Says that a new code is on its way, or why none was sent."""
    try:
        send()
    except Refusal as no:
        messages.warning(request, str(no))
    else:
        messages.success(request, _("A new code is on its way. Only the newest one counts."))
