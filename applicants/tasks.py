from celery import shared_task

from applicants import changing_contacts, drafts, lookups, sms_budget
from applicants.guessing import forget_paid
from applicants.register.dukcapil import register
from applicants.sessions import SessionStore
from applicants.verifying import TASK, verify_due
from mpaspor.core import clock


@shared_task(name="applicants.forget")
def forget() -> None:
    """What the rules about contacts and passwords no longer look at, old drafts, ended sessions."""
    at = clock.now()
    sms_budget.forget_old(at=at)
    lookups.forget_old(at=at)
    changing_contacts.forget_old(at=at)
    forget_paid(at=at)
    drafts.forget_old_drafts(at=at)
    SessionStore.clear_expired()


@shared_task(name=TASK)
def verify() -> None:
    """Loops until nothing is due."""
    while verify_due(register=register(), at=clock.now()):
        pass
