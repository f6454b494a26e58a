"""Import and export on the pages of a table, for the officers who may edit it there."""

from typing import Any

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from quota.access import acting, officer_may, offices_of
from quota.enums import Role
from quota.exchange import refusals
from quota.exchange.importing import Change, Outcome, import_rows, is_clean, outcomes
from quota.exchange.kinds import KINDS, Kind
from quota.exchange.reading import Row, read_rows
from quota.exchange.writing import as_csv, as_xlsx
from quota.scoping import ScopedAdmin

# What was shown is what is confirmed, for as long as one reads; below what a form may send.
CONFIRM_SECONDS = 3600
CONFIRM_BYTES = 900_000

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("File (CSV or XLSX)"),
        help_text=_("At most 1,000 rows and 2 MB. Nothing is changed before you confirm."),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty. Download the template and fill it in."),
            "invalid": _("Choose a file."),
        },
    )

    def read(self, kind: Kind) -> list[Row]:
        file = self.cleaned_data["file"]
        if file.size > refusals.MEGABYTES * 1_000_000:
            raise refusals.FileTooLarge(megabytes=refusals.MEGABYTES)
        return read_rows(file.read(), columns=list(kind.columns), optional=kind.optional)


class ExchangeAdmin(ScopedAdmin):
    """`exchanged` names the kind of rows, quota/exchange/kinds.py."""

    exchanged = ""
    actions_list = ("upload", "download")

    @property
    def kind(self) -> Kind:
        return KINDS[self.exchanged]

    @action(description=_("Import"), url_path="import", permissions=("add",))
    def upload(self, request: HttpRequest) -> HttpResponse:
        form, sealed = FileForm(), request.POST.get("rows", "")
        changes: list[Change] = []
        if request.method == "POST" and sealed:
            changes, done = self._confirmed(request, sealed)
            if done:
                return redirect(reverse(f"admin:quota_{self.exchanged}_changelist"))
        elif request.method == "POST":
            form = FileForm(request.POST, request.FILES)
            changes, sealed = self._shown(request, form)
        return self._page(request, form, changes, sealed)

    @action(description=_("Export"), url_path="export", permissions=("view",))
    def download(self, request: HttpRequest) -> HttpResponse:
        """As a workbook, or with ?format=csv; with ?template=1 the names of the columns alone."""
        kind = self.kind
        stored = () if request.GET.get("template") else kind.stored(offices_of(request.user))
        rows, columns = (kind.cells(row) for row in stored), list(kind.columns)
        ending = "csv" if request.GET.get("format") == "csv" else "xlsx"
        helps = {name: str(said) for name, said in kind.columns.items()}
        data = as_csv(columns, rows) if ending == "csv" else as_xlsx(columns, rows, helps)
        name = f"{kind.name}-{clock.now():%Y-%m-%d}.{ending}"
        disposition = f'attachment; filename="{name}"'
        return HttpResponse(
            data, content_type=TYPES[ending], headers={"Content-Disposition": disposition}
        )

    def _shown(self, request: HttpRequest, form: FileForm) -> tuple[list[Change], str]:
        """What the file would do, and the file sealed for the confirmation."""
        if not form.is_valid():
            return [], ""
        try:
            rows = form.read(self.kind)
            changes = self._import(request, rows, dry=True)
            return changes, self._sealed(request, rows, changes)
        except Refusal as no:
            form.add_error("file", str(no))
            return [], ""

    def _confirmed(self, request: HttpRequest, sealed: str) -> tuple[list[Change], bool]:
        """Whether it was made; if not, what it would do now."""
        try:
            kept = signing.loads(sealed, salt=self._salt(request), max_age=CONFIRM_SECONDS)
        except signing.BadSignature:
            again = _("This was shown too long ago. Choose the file again.")
            self.message_user(request, again, "error")
            return [], False
        rows = [Row(number, cells) for number, cells in kept["rows"]]
        changes = self._import(request, rows, expected=kept["outcomes"])
        if outcomes(changes) != kept["outcomes"] or not is_clean(changes):
            changed = _("The data have changed meanwhile. Look at it again.")
            self.message_user(request, changed, "error")
            return changes, False
        made = sum(change.outcome in (Outcome.NEW, Outcome.CHANGED) for change in changes)
        said = ngettext("%(made)s row was imported.", "%(made)s rows were imported.", made)
        self.message_user(request, said % {"made": made}, "success")
        return changes, True

    def _import(self, request: HttpRequest, rows: list[Row], **how: Any) -> list[Change]:
        return import_rows(
            kind=self.kind,
            rows=rows,
            offices=offices_of(request.user),
            everywhere=officer_may(request.user, Role.CENTRE),
            by=acting(request),
            at=clock.now(),
            **how,
        )

    def _salt(self, request: HttpRequest) -> str:
        return f"quota.exchange:{self.exchanged}:{acting(request).pk}"

    def _sealed(self, request: HttpRequest, rows: list[Row], changes: list[Change]) -> str:
        kept = {"rows": [[row.number, row.cells] for row in rows], "outcomes": outcomes(changes)}
        sealed = signing.dumps(kept, salt=self._salt(request), compress=True)
        if len(sealed) > CONFIRM_BYTES:
            raise refusals.FileTooLarge(megabytes=refusals.MEGABYTES)
        return sealed

    def _page(
        self, request: HttpRequest, form: FileForm, changes: list[Change], sealed: str
    ) -> HttpResponse:
        counts = [
            (outcome, sum(change.outcome == outcome for change in changes)) for outcome in Outcome
        ]
        context = self.admin_site.each_context(request) | {
            "title": _("Import: %(table)s") % {"table": self.model._meta.verbose_name_plural},
            "form": form,
            "kind": self.kind,
            "changes": [change for change in changes if change.outcome != Outcome.SAME],
            "counts": counts,
            "shown": bool(changes),
            "rows": sealed,
            "clean": is_clean(changes),
            "work": any(n for outcome, n in counts if outcome in (Outcome.NEW, Outcome.CHANGED)),
            "download": reverse(f"admin:quota_{self.exchanged}_download"),
            "upload": reverse(f"admin:quota_{self.exchanged}_upload"),
        }
        return render(request, "quota/import.html", context)
