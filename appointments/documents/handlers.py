"""Reads no more of a file than is needed to see that it is too large."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler


class Limited(FileUploadHandler):
    """First of the upload handlers. What is beyond the limit goes nowhere: no disk fills up."""

    def new_file(self, *names: Any, **more: Any) -> None:
        super().new_file(*names, **more)
        self.left = settings.UPLOAD_BYTES + 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        passed = raw_data[: self.left]
        self.left -= len(passed)
        return passed or None

    def file_complete(self, file_size: int) -> None:
        return None
