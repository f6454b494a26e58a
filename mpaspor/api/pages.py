"""Long lists, a page at a time."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ErrorDetail, NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.serializers import ValidationError as NotValid

if TYPE_CHECKING:  # REST framework's views read the settings that name this module
    from rest_framework.views import APIView


class Pages(CursorPagination):
    """By a cursor, so that nothing is skipped or doubled while rows are added.

    The view names its own `ordering`. A cursor that we did not make is a fault in the query.
    """

    page_size = 100

    def paginate_queryset(
        self, queryset: Any, request: Request, view: "APIView | None" = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValueError, ValidationError) as odd:
            raise _not_ours() from odd

    def get_ordering(
        self, request: Request, queryset: "QuerySet[Any]", view: "APIView"
    ) -> tuple[str, ...]:
        return tuple(view.ordering)  # type: ignore[attr-defined]


def _not_ours() -> APIException:
    said = _("This cursor is not one of ours. Start again without it.")
    return NotValid({"cursor": ErrorDetail(str(said), code="cursor-not-valid")})
