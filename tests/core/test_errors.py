from django.utils import translation
from django.utils.translation import gettext_lazy as _

from mpaspor.core.errors import Refusal


class SlotTaken(Refusal):
    code = "slot-taken"
    message = "Seat %(seat)s is taken."
    remedy = "Choose another than %(seat)s."


class Bare(Refusal):
    code = "bare"
    message = "No."


class Translated(Refusal):
    code = "translated"
    message = _("Monday")


def test_refusal_fills_its_facts_into_message_and_remedy() -> None:
    assert str(SlotTaken(seat=7)) == "Seat 7 is taken. Choose another than 7."


def test_refusal_without_remedy_is_its_message() -> None:
    assert str(Bare()) == "No."


def test_refusal_has_its_code_as_its_only_argument() -> None:
    """Whoever logs the exception by its arguments logs no facts."""
    assert SlotTaken(seat="3273010107900001").args == ("slot-taken",)


def test_refusal_speaks_the_language_in_force_when_it_is_read() -> None:
    no = Translated()
    with translation.override("en"):
        assert str(no) == "Monday"
    with translation.override("id"):
        assert str(no) == "Senin"
