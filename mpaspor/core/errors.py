"""How a deed says no."""

from typing import Any, ClassVar

from django.utils.functional import Promise


class Refusal(Exception):
    """A deed says no, for a reason a person can read and act on.

    A subclass is declared beside the deed that raises it, with a stable `code` (it becomes the
    problem type of the API), a `message` that says what is wrong and a `remedy` that says how to
    go on. `field` names the input at fault, if one is. Messages may hold `%(name)s` places that
    are filled from the keyword arguments of the constructor. Of several people, `who` is the one
    it is about.
    """

    code: ClassVar[str]
    message: ClassVar[str | Promise]
    remedy: ClassVar[str | Promise] = ""
    field: ClassVar[str | None] = None
    status: ClassVar[int] = 409

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        self.who = ""
        super().__init__(self.code)

    def __str__(self) -> str:
        said = str(self.message) % self.facts
        remedy = str(self.remedy) % self.facts
        whose = f"{self.who}: " if self.who else ""
        return f"{whose}{said} {remedy}".strip()
