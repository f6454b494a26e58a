"""The documents that people bring, in plain words: what it is, why, and how to bring it."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


@dataclass(frozen=True)
class Paper:
    """Texts are English; `name`, `why` and `how` are shown translated."""

    code: str
    name: str
    why: str
    how: str
    only_if_any: bool = False

    @property
    def words(self) -> dict[str, str]:
        """Name, reason and how to bring it, in the language in force."""
        return {part: str(_(getattr(self, part))) for part in ("name", "why", "how")}


ORIGINAL = gettext_noop("Bring the original, and keep a photo or PDF of it ready.")
BOOK = gettext_noop("Bring the book itself, and a photo of the page with the data.")
SIGNED = gettext_noop("Bring it signed, with a duty stamp (meterai), and a photo or PDF of it.")

PAPERS = {
    paper.code: paper
    for paper in (
        Paper(
            "ktp",
            gettext_noop("Identity card (KTP-el)"),
            gettext_noop("It shows who you are and your NIK."),
            ORIGINAL,
        ),
        Paper(
            "kk",
            gettext_noop("Family card (KK)"),
            gettext_noop("It shows your family and your address."),
            ORIGINAL,
        ),
        Paper(
            "proof-of-birth",
            gettext_noop("One of these: birth certificate, marriage book, diploma, baptism letter"),
            gettext_noop("It shows name, place and date of birth and the names of the parents."),
            ORIGINAL,
        ),
        Paper(
            "marriage-book",
            gettext_noop("Marriage book or marriage certificate"),
            gettext_noop("Whoever is married counts as grown up, also under 17."),
            ORIGINAL,
        ),
        Paper(
            "birth-report",
            gettext_noop("Report of the birth abroad (from Disdukcapil or the Indonesian embassy)"),
            gettext_noop("A birth abroad is entered in the Indonesian register by this report."),
            ORIGINAL,
        ),
        Paper(
            "old-passport",
            gettext_noop("The old passport"),
            gettext_noop("It is compared with your data and then cancelled."),
            BOOK,
        ),
        Paper(
            "police-report",
            gettext_noop("Report of the loss from the police"),
            gettext_noop("It shows when and where the passport was lost."),
            ORIGINAL,
        ),
        Paper(
            "proof-of-change",
            gettext_noop("The document that shows the new data (court ruling or civil record)"),
            gettext_noop("The data in a passport only follow an official document."),
            ORIGINAL,
        ),
        Paper(
            "name-ruling",
            gettext_noop("Ruling on the change of name, or a letter that both names are yours"),
            gettext_noop("The officer must see that all documents belong to one person."),
            ORIGINAL,
        ),
        Paper(
            "parents-ktp",
            gettext_noop("Identity cards (KTP-el) of both parents"),
            gettext_noop("The parents apply for their child."),
            ORIGINAL,
        ),
        Paper(
            "parent-ktp",
            gettext_noop("Identity card (KTP-el) of the parent who applies"),
            gettext_noop("This parent applies for the child alone."),
            ORIGINAL,
        ),
        Paper(
            "guardian-ktp",
            gettext_noop("Identity card (KTP-el) of the guardian"),
            gettext_noop("The guardian applies for the child."),
            ORIGINAL,
        ),
        Paper(
            "birth-certificate",
            gettext_noop("Birth certificate of the child"),
            gettext_noop("It shows name, place and date of birth and the names of the parents."),
            ORIGINAL,
        ),
        Paper(
            "parents-marriage",
            gettext_noop("Marriage book or marriage certificate of the parents"),
            gettext_noop("It shows that both are the parents of the child."),
            ORIGINAL,
        ),
        Paper(
            "parents-passports",
            gettext_noop("Passports of the parents, if they have any"),
            gettext_noop("Names in the passports of a family should be written the same."),
            BOOK,
            only_if_any=True,
        ),
        Paper(
            "statement",
            gettext_noop("Statement of the parents or the guardian"),
            gettext_noop("They agree to the passport and answer for its use."),
            SIGNED,
        ),
        Paper(
            "one-parent",
            gettext_noop("Death certificate, or divorce certificate with the ruling on custody"),
            gettext_noop("It shows that one parent may sign for the child alone."),
            ORIGINAL,
        ),
        Paper(
            "parent-abroad",
            gettext_noop("Consent of the parent abroad, certified by the Indonesian embassy"),
            gettext_noop("Both parents must agree, also the one who cannot come."),
            ORIGINAL,
        ),
        Paper(
            "guardianship",
            gettext_noop("Court ruling on the guardianship"),
            gettext_noop("It shows that the guardian may act for the child."),
            ORIGINAL,
        ),
        Paper(
            "adoption",
            gettext_noop("Court ruling on the adoption"),
            gettext_noop("It shows who the parents of the child are now."),
            ORIGINAL,
        ),
    )
}
