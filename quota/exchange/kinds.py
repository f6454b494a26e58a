"""What can be imported and exported, each with its columns and what belongs into them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from quota.enums import Weekday
from quota.exchange.rows import WEEKDAY_NAMES, ClosureRow, PlanLineRow, SpecialDayRow
from quota.models import Closure, Office, PlanLine, SpecialDay

DATE = _("The day, like 2026-12-31 or 31/12/2026.")
REASON = _("Why, as people will read it.")
TIME = _("The time of day in the office's zone, like 08:30.")


@dataclass(frozen=True)
class Kind:
    """`key` names the columns that say which row is meant; the others are what it is changed to."""

    name: str
    model: type[Any]
    form: type[Any]
    columns: Mapping[str, str | Promise]
    key: tuple[str, ...]
    optional: tuple[str, ...] = ()
    nationwide: bool = False

    def stored(self, offices: "QuerySet[Office]") -> Iterable[Any]:
        """Rows of these offices, and those of all offices where there are such."""
        if self.model is PlanLine:
            lines = PlanLine.objects.filter(plan__office__in=offices)
            return lines.select_related("plan__office").order_by("plan", "weekday", "starts")
        rows: QuerySet[Any] = self.model.objects.filter(office__in=offices)
        if self.nationwide:
            rows |= self.model.objects.filter(office=None)
        return rows.select_related("office").order_by("date", "office")

    def cells(self, row: Any) -> list[str]:
        return [cell(row, name) for name in self.columns]


def cell(row: Any, name: str) -> str:
    if isinstance(row, PlanLine) and name in ("office", "plan"):
        return row.plan.office.code if name == "office" else row.plan.name
    value = getattr(row, name)
    if name == "office":
        return str(value.code) if value else ""
    if name in ("weekday", "like"):
        return WEEKDAY_NAMES[Weekday(value)]
    if name in ("starts", "ends"):
        return f"{value:%H:%M}"
    return "" if value is None else str(value)


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "closure",
            Closure,
            ClosureRow,
            {
                "office": _("The code of your office. Empty: all offices, which the centre sets."),
                "date": DATE,
                "reason": REASON,
            },
            key=("office", "date"),
            nationwide=True,
        ),
        Kind(
            "specialday",
            SpecialDay,
            SpecialDayRow,
            {
                "office": _("The code of your office."),
                "date": DATE,
                "like": _("The weekday whose sessions are held: monday to sunday, or senin …"),
                "reason": REASON,
            },
            key=("office", "date"),
        ),
        Kind(
            "plan",
            PlanLine,
            PlanLineRow,
            {
                "office": _("The code of your office."),
                "plan": _("The name of the plan. One that does not exist yet is made."),
                "weekday": _("monday to sunday, or senin to minggu."),
                "starts": TIME,
                "ends": TIME,
                "service": _("regular or accelerated."),
                "counters": _("How many counters serve. May be empty."),
                "minutes": _("Minutes for each person. May be empty."),
                "seats": _("1 to 500. Empty: what the counters can serve in that time."),
            },
            key=("office", "plan", "weekday", "starts", "service"),
            optional=("counters", "minutes"),
        ),
    )
}
