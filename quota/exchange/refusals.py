"""Why a file cannot be read at all."""

from django.utils.translation import gettext_lazy as _

from mpaspor.core.errors import Refusal

ROWS = 1_000
MEGABYTES = 2


class FileRefused(Refusal):
    field = "file"
    status = 422


class FileTooLarge(FileRefused):
    code = "file-too-large"
    message = _("The file is larger than %(megabytes)s MB.")
    remedy = _("Split it into several files and import one after the other.")


class TooManyRows(FileRefused):
    code = "too-many-rows"
    message = _("The file has more than %(rows)s rows.")
    remedy = _("Split it into several files and import one after the other.")


class FileEmpty(FileRefused):
    code = "file-empty"
    message = _("The file has no row below the names of the columns.")
    remedy = _("Download the template, fill it in and choose it here.")


class NotATable(FileRefused):
    code = "not-a-table"
    message = _("This is neither a CSV file nor an Excel workbook (XLSX) that can be opened.")
    remedy = _("Save it in Excel as “Excel Workbook (.xlsx)” without a password, and try again.")


class WrongEncoding(FileRefused):
    code = "wrong-encoding"
    message = _("The letters of this file cannot be read: row %(row)s is not UTF-8.")
    remedy = _("Save it in Excel as “CSV UTF-8” or as “Excel Workbook (.xlsx)”.")


class ColumnMissing(FileRefused):
    code = "column-missing"
    message = _("The first row lacks these columns: %(columns)s.")
    remedy = _("Download the template and keep its first row as it is.")


class ColumnTwice(FileRefused):
    code = "column-twice"
    message = _("The first row names a column twice: %(columns)s.")
    remedy = _("Remove one of the two.")


class ColumnsTooMany(FileRefused):
    code = "columns-too-many"
    message = _("Row %(row)s has more cells than the first row names.")
    remedy = _("Put text that has the separator in it between quotation marks.")


class FormulaInside(FileRefused):
    code = "formula-inside"
    message = _("Row %(row)s has a formula.")
    remedy = _("Copy the cells and paste them as values (“Paste Special”, “Values”).")


class MacrosInside(FileRefused):
    code = "macros-inside"
    message = _("The workbook has macros.")
    remedy = _("Save it in Excel as “Excel Workbook (.xlsx)”, which has none.")
