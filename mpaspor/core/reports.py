"""Django's error report, which prints every variable of every frame, without personal data.

It is what a developer sees with DEBUG=1 and what is mailed to ADMINS.
"""

from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

from mpaspor.core.logs import scrubbed


class ScrubbedReporter(ExceptionReporter):
    def get_traceback_html(self) -> SafeString:
        return SafeString(scrubbed(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return SafeString(scrubbed(super().get_traceback_text()))
