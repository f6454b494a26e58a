"""What stands in front of the service in deploy/ knows the addresses of the service."""

import re
from pathlib import Path

from django.conf import settings
from django.urls import reverse

ROOT = Path(__file__).resolve().parents[2]
NGINX = (ROOT / "deploy" / "nginx.conf").read_text()


def block(head: str) -> str:
    found = re.search(r"location " + re.escape(head) + r" \{\n(.*?)\n    \}", NGINX, re.DOTALL)
    assert found, head
    return found[1]


def test_nginx_hands_out_the_waiting_rooms_files_for_five_seconds() -> None:
    files = block(settings.QUEUE_URL)
    assert "alias /srv/queue/;" in files
    assert "max-age=5" in files


def test_nginx_lets_documents_through_and_nothing_else_of_that_size() -> None:
    (pattern,) = re.findall(r"location ~ (\S+) \{\n        client_max_body_size 11m;", NGINX)
    assert re.search(pattern, reverse("document_send", args=["ABCDEFGHJK", "ktp"]))
    assert not re.search(pattern, reverse("application", args=["ABCDEFGHJK"]))
    assert settings.UPLOAD_BYTES + 500_000 < 11 * 2**20


def test_compose_gives_nginx_every_file_it_includes() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    for included in set(re.findall(r"include (\S+);", NGINX)):
        assert f":{included}:ro" in compose
