"""“What to bring”, for everybody: five questions, and a link that holds the answers."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from appointments.asking import QuestionForm
from appointments.enums import Circumstance, Visit
from appointments.requirements import AtTheCounter, Question, requirements
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from payments.tariffs import billing_day


def what_to_bring(request: HttpRequest) -> HttpResponse:
    """Other names in the address are left alone: they come with links that others make."""
    asked = any(name in request.GET for name in QuestionForm.base_fields)
    form = QuestionForm(request.GET if asked else None)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        try:
            context |= _answer(form.question())
        except Refusal as no:
            form.refuse(no)
    return render(request, "appointments/requirements.html", context)


def _answer(question: Question) -> dict[str, Any]:
    day = billing_day(clock.now())
    answer = requirements(question, on=day)
    is_online = answer.visit == Visit.ONLINE
    return {
        "question": question,
        "circumstances": [each for each in Circumstance if each in question.given],
        "answer": answer,
        "day": day,
        "start_url": _start_url(question) if is_online else "",
    }


def counter_url(refusal: Refusal | None) -> str:
    """Where what was refused as a case for the counter is explained; "" for others."""
    if not isinstance(refusal, AtTheCounter):
        return ""
    question: Question = refusal.facts["question"]
    answers = {"kind": question.need, "age": question.age}
    answers |= {"book": question.book, "service": question.service}
    return f"{reverse('requirements')}?{urlencode(answers)}"


def _start_url(question: Question) -> str:
    answers = {"kind": question.need, "book": question.book, "service": question.service}
    return f"{reverse('application_new')}?{urlencode(answers)}"
