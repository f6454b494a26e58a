from django import forms
from django.utils.translation import gettext_lazy as _

from appointments.corrections.requesting import approve, refuse
from payments.forms import DeedForm


class AnswerForm(DeedForm):
    """What an officer says to somebody who asked for a correction."""

    answer = forms.CharField(
        label=_("Why not?"),
        help_text=_("They read these words as you write them."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    deeds = {
        "approve": lambda _form, asked, by, at: approve(request=asked, by=by, at=at),
        "refuse": lambda form, asked, by, at: refuse(
            request=asked, answer=form.cleaned_data["answer"], by=by, at=at
        ),
    }
    DONE = {
        "approve": _("Corrected. The person is told and has a new letter."),
        "refuse": _("Refused. The person is told why."),
    }

    @property
    def done(self) -> str:
        return str(self.DONE[self.cleaned_data["deed"]])
