"""What happened to an appointment, from the audit trail."""

from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from appointments.enums import MoveReason
from appointments.models import Appointment
from mpaspor.audit import trail
from mpaspor.audit.models import Entry
from payments.enums import Remedy

LOOK = "person.look"
WORDS = {
    "add_person": _("Person added"),
    "correct_person": _("Person corrected"),
    "remove_person": _("Person taken out"),
    "application.start": _("Application begun"),
    "application.change": _("Answers changed"),
    "application.journey": _("Journey said"),
    "application.contact": _("Emergency contact named"),
    "application.correct": _("Corrected by the office"),
    "application.need": _("Need for help said"),
    "application.expire": _("Ended: not paid in time"),
    "application.forget": _("Need, journey and contact forgotten"),
    "correction.ask": _("Asked for a correction"),
    "correction.approved": _("Correction granted"),
    "correction.refused": _("Correction refused"),
    "application.discard": _("Draft deleted"),
    "document.take": _("Document sent"),
    "document.remove": _("Document taken back"),
    "document.copy": _("Document taken over"),
    "document.complete": _("Document found complete"),
    "document.not_complete": _("Document asked for again"),
    "appointment.hold": _("Seat held"),
    "appointment.release": _("Seat given back"),
    "appointment.submit": _("Submitted"),
    "appointment.confirm": _("Confirmed"),
    "appointment.expire": _("Ended: not paid in time"),
    "appointment.restore": _("Seated again: the payment was in time"),
    "appointment.thaw": _("Given time back after the outage"),
    "appointment.cancel": _("Cancelled"),
    "appointment.move": _("Moved to another session"),
    "appointment.seatless": _("Session closed, and no equal seat found"),
    "appointment.answer": _("Answered the new session"),
    "appointment.no_show": _("Did not come"),
    "appointment.check_in": _("Checked in"),
    "queue_number.called": _("Number called"),
    "queue_number.called_again": _("Number called again"),
    "queue_number.served": _("At the counter"),
    "queue_number.sent_on": _("Sent on to the next station"),
    "queue_number.set_aside": _("Did not come when called"),
    "queue_number.done": _("Done at the counter"),
    "application.interviewed": _("Interviewed"),
    "application.enrolled": _("Photo and fingerprints taken"),
    "application.adjudicated": _("Approved"),
    "application.printed": _("Printed"),
    "application.checked": _("Quality checked"),
    "application.ready": _("Ready to be collected"),
    "application.handed_over": _("Handed over"),
    "application.deferred": _("Stopped: something is missing"),
    "application.refused": _("Refused"),
    "application.arrived": _("Taken up again"),
    "letter.void": _("Letter made void"),
    "bill.request": _("Bill asked for"),
    "bill.issue": _("Billing code given"),
    "bill.renew": _("New billing code asked for"),
    "bill.expire": _("Bill expired"),
    "bill.void": _("Bill withdrawn"),
    "bill.undecided": _("No answer for hours: a person has to decide"),
    "bill.keep_asking": _("Decided: keep asking"),
    "money.export": _("Taken as a file"),
    "bill.run_out": _("No time left to give back after the outage"),
    "bill.inquire": _("Gateway asked by hand"),
    "bill.claim": _("“I have paid” said"),
    "claim.refer": _("Receipt given to the treasurer"),
    "claim.close": _("Receipt looked at"),
    "payment.settle": _("Payment booked"),
    "case.open": _("Case opened"),
    "case.propose": _("Proposed"),
    "case.approve": _("Approved"),
    "case.send": _("Refund sent"),
    "case.close": _("Case closed"),
}
WAYS = {
    "code": _("At check-in"),
    "document": _("Document opened"),
    "page": _("Page opened"),
    "search": _("Found by searching"),
}
DOORS = {
    "simponi": _("the payment gateway"),
    "callback": _("a message of the payment gateway"),
    "reconciliation": _("the gateway's file"),
    "timetable": _("by itself"),
    "reminder-link": _("the link in a reminder"),
}


@dataclass(frozen=True)
class Event:
    entry: Entry

    @property
    def what(self) -> str:
        if self.entry.deed == LOOK:
            return str(WAYS[self.entry.facts["through"]])
        return str(WORDS.get(self.entry.deed, self.entry.deed))

    @property
    def more(self) -> str:
        """Which remedy was proposed, with which reference the money went, why it was moved."""
        remedy, why = self.entry.facts.get("remedy"), self.entry.facts.get("why")
        if why in MoveReason:
            return str(MoveReason(why).label)
        return str(Remedy(remedy).label) if remedy else self.entry.facts.get("reference", "")

    @property
    def who(self) -> str:
        if self.entry.by:
            return str(self.entry.by)
        return str(DOORS.get(self.entry.door, self.entry.door))


def events_of(appointment: Appointment) -> tuple[list[Event], list[Event]]:
    """What was done, and who looked; the newest first."""
    subjects = [f"application:{appointment.application.code}", f"appointment:{appointment.code}"]
    if appointment.bill:
        subjects.append(f"bill:{appointment.bill.code}")
    events = events_about(subjects)
    done = [event for event in events if event.entry.deed != LOOK]
    return done, [event for event in events if event.entry.deed == LOOK]


def events_about(subjects: list[str]) -> list[Event]:
    """The newest first."""
    entries = [entry for subject in subjects for entry in trail.of(subject)]
    entries.sort(key=lambda entry: entry.pk, reverse=True)
    prefetch_related_objects(entries, "by")
    return [Event(entry) for entry in entries]
