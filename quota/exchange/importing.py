"""Rows of a file become rows of the plan: each one new, changed, the same or refused."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.exchange.kinds import Kind, cell
from quota.exchange.reading import Row
from quota.models import Office, Plan, PlanLine, SpecialDay
from quota.planning import PlanFixed, refuse_reviewed_day, waiting_with


class Outcome(models.TextChoices):
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    SAME = "same", _("The same")
    REFUSED = "refused", _("Refused")


@dataclass(frozen=True)
class Change:
    """What becomes of a row; `said` is why it is refused, or what it is changed from."""

    number: int
    outcome: Outcome
    cells: dict[str, str]
    said: str = ""


class RowRefused(Refusal):
    status = 422


class OfficeUnknown(RowRefused):
    code = "office-unknown"
    message = _("There is no office with the code “%(office)s”.")
    remedy = _("Write the code as it stands in the list of offices.")


class OfficeOfOthers(RowRefused):
    code = "office-of-others"
    message = _("You do not serve the office “%(office)s”.")
    remedy = _("Leave this row out, or ask an officer there.")


class OfficeMissing(RowRefused):
    code = "office-missing"
    message = _("The office is missing.")
    remedy = _("Write the code of your office.")


class RowTwice(RowRefused):
    code = "row-twice"
    message = _("Row %(before)s is about the same.")
    remedy = _("Keep one of the two.")


class DayOver(RowRefused):
    code = "day-over"
    message = _("This day is over.")
    remedy = _("Leave this row out.")


class CellsWrong(RowRefused):
    code = "cells-wrong"
    message = "%(said)s"


@transaction.atomic
def import_rows(
    *,
    kind: Kind,
    rows: Sequence[Row],
    offices: "models.QuerySet[Office]",
    everywhere: bool,
    by: trail.By,
    at: datetime,
    dry: bool = False,
    expected: Sequence[str] | None = None,
) -> list[Change]:
    """All of the rows or, where one is refused or `dry` is true, none of them; nor where they
    would do something else than `expected`, which is the `outcomes` of a dry run.

    `everywhere`: whether `by` may also set what holds for all offices. Repeatable.
    """
    work = _Import(kind, offices, everywhere, by, at)
    changes = [work.change(row) for row in rows]
    surprised = expected is not None and outcomes(changes) != expected
    transaction.set_rollback(dry or surprised or not is_clean(changes))
    return changes


def is_clean(changes: Iterable[Change]) -> bool:
    return all(change.outcome != Outcome.REFUSED for change in changes)


def outcomes(changes: Iterable[Change]) -> list[str]:
    return [f"{change.outcome} {change.said}" for change in changes]


class _Import:
    """What is known once for all rows of a file, so that a row costs few questions."""

    def __init__(
        self,
        kind: Kind,
        offices: "models.QuerySet[Office]",
        everywhere: bool,
        by: trail.By,
        at: datetime,
    ) -> None:
        self.kind, self.everywhere, self.by, self.at = kind, everywhere, by, at
        self.own = {office.code: office for office in offices}
        self.stored = {key_of(kind, row): row for row in kind.stored(offices)}
        self.seen: dict[Any, int] = {}
        self.plans: dict[Any, Plan] = {}

    def change(self, row: Row) -> Change:
        cells = {name: row.cells.get(name, "") for name in self.kind.columns}
        try:
            outcome, said = self._changed(row)
        except Refusal as no:
            outcome, said = Outcome.REFUSED, str(no)
        return Change(row.number, outcome, cells, said)

    def _changed(self, row: Row) -> tuple[Outcome, str]:
        office = self._office(row.cells.get("office", ""))
        wanted = self._wanted(row)
        key = key_of(self.kind, wanted, row.cells)
        if before := self.seen.get(key):
            raise RowTwice(before=before)
        self.seen[key] = row.number
        known = self.stored.get(key)
        others = [name for name in self.kind.columns if name not in self.kind.key]
        if known and all(getattr(known, name) == getattr(wanted, name) for name in others):
            return Outcome.SAME, ""
        self._refuse(office, wanted, row)
        return self._saved(office, known, wanted, row, others)

    def _office(self, code: str) -> Office | None:
        if not code and self.kind.nationwide:
            return None
        if not code:
            raise OfficeMissing
        if code not in self.own:
            exists = Office.objects.filter(code=code[:20]).exists()
            raise OfficeOfOthers(office=code) if exists else OfficeUnknown(office=code[:40])
        return self.own[code]

    def _wanted(self, row: Row) -> Any:
        form = self.kind.form(row.cells)
        if form.is_valid():
            return form.instance
        said = [
            f"{name}: {' '.join(errors)}" if name in self.kind.columns else " ".join(errors)
            for name, errors in form.errors.items()
        ]
        raise CellsWrong(said=" ".join(said))

    def _refuse(self, office: Office | None, wanted: Any, row: Row) -> None:
        if office is None and not self.everywhere:
            raise OfficeMissing
        if isinstance(wanted, PlanLine):
            return
        zone = office.zone if office else settings.TIME_ZONE
        if wanted.date < self.at.astimezone(ZoneInfo(zone)).date():
            raise DayOver
        if isinstance(wanted, SpecialDay):
            assert office
            wanted.office = office
            refuse_reviewed_day(wanted)

    def _saved(
        self, office: Office | None, known: Any, wanted: Any, row: Row, others: Iterable[str]
    ) -> tuple[Outcome, str]:
        plan = self._plan(office, row.cells["plan"]) if isinstance(wanted, PlanLine) else None
        if known is None:
            owner: dict[str, Any] = {"plan": plan} if plan else {"office": office}
            for name, value in owner.items():
                setattr(wanted, name, value)
            wanted.save()
            self._record("added", wanted)
            return Outcome.NEW, ""
        was = ", ".join(
            f"{name}: {cell(known, name) or '–'}"
            for name in others
            if getattr(known, name) != getattr(wanted, name)
        )
        for name in others:
            setattr(known, name, getattr(wanted, name))
        known.save()
        self._record("changed", known)
        return Outcome.CHANGED, was

    def _plan(self, office: Office | None, name: str) -> Plan:
        """Locked, as the page of a plan does, so that no review is under way."""
        if (office, name) not in self.plans:
            plan = Plan.objects.select_for_update().filter(office=office, name=name).first()
            self.plans[office, name] = plan or self._new_plan(office, name)
        plan = self.plans[office, name]
        if waiting := waiting_with(plan).first():
            raise PlanFixed(release=waiting)
        return plan

    def _new_plan(self, office: Office | None, name: str) -> Plan:
        plan = Plan(office=office, name=name)
        try:
            plan.clean_fields(exclude=["office"])
        except ValidationError as wrong:
            raise CellsWrong(said=f"plan: {' '.join(wrong.messages)}") from None
        plan.save()
        trail.record("plan.added", subject=f"plan:{plan.pk}", by=self.by, at=self.at, what="import")
        return plan

    def _record(self, done: str, row: Any) -> None:
        kind = row._meta.model_name
        facts = {name: cell(row, name) for name in self.kind.columns}
        trail.record(f"{kind}.{done}", subject=f"{kind}:{row.pk}", by=self.by, at=self.at, **facts)


def key_of(kind: Kind, row: Any, typed: dict[str, str] | None = None) -> tuple[Any, ...]:
    """Of a stored row; or of one that is `typed`, which knows no office and plan yet."""
    return tuple(
        typed.get(name, "") if typed is not None and name in ("office", "plan") else cell(row, name)
        for name in kind.key
    )
