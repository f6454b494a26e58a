"""Which documents an application needs, by the requirements engine, and where each stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.bringing import ToBring, to_bring
from appointments.documents.enums import DocumentStatus
from appointments.documents.models import Document
from appointments.models import Application
from appointments.papers import Paper
from mpaspor.core.errors import Refusal


class DocumentsMissing(Refusal):
    code = "documents-missing"
    message = _("At this office the documents come first. Still missing: %(papers)s.")
    remedy = _("Send a photo or PDF of each under “Documents”, then ask for the code again.")


@dataclass(frozen=True)
class Wanted:
    """A paper and the document sent of it. `when` is the circumstance it is for, if for one.

    `percent`: of a file on its way that stopped.
    """

    paper: Paper
    document: Document | None
    when: str = ""
    percent: int | None = None

    @property
    def is_needed(self) -> bool:
        """Without it the application is not whole."""
        return not (self.when or self.paper.only_if_any)

    @property
    def is_lacking(self) -> bool:
        document = self.document
        return document is None or document.status == DocumentStatus.NOT_COMPLETE

    @property
    def is_seen(self) -> bool:
        """By an officer, who found it complete or asked for it again."""
        return self.document is not None and self.document.decided_at is not None

    @property
    def name(self) -> str:
        return self.paper.words["name"]


def wanted(application: Application, *, at: datetime) -> list[Wanted]:
    """First what is needed, then what only some people need."""
    documents = {document.kind: document for document in current(application)}
    bring = to_bring(application, on=timezone.localdate(at))
    papers = [each.paper for each in bring.documents]
    rows = [Wanted(paper, documents.get(paper.code)) for paper in papers]
    return rows + list(_also(bring, documents))


def missing(application: Application, *, at: datetime) -> list[Wanted]:
    """What is needed and was not sent, or must be sent again."""
    return [row for row in wanted(application, at=at) if row.is_needed and row.is_lacking]


def refuse_without_documents(application: Application, *, at: datetime) -> None:
    """Raises DocumentsMissing, which names them."""
    if rows := missing(application, at=at):
        raise DocumentsMissing(papers="; ".join(row.name for row in rows))


def current(application: Application) -> list[Document]:
    """Those that count, of each kind one."""
    rows = Document.objects.filter(application=application)
    return list(rows.exclude(status=DocumentStatus.REPLACED).order_by("pk"))


def _also(bring: ToBring, documents: dict[str, Document]) -> Iterator[Wanted]:
    told = set()
    for also in bring.also:
        for each in also.documents:
            if each.paper.code not in told:
                told.add(each.paper.code)
                label = str(also.circumstance.label)
                yield Wanted(each.paper, documents.get(each.paper.code), label)
