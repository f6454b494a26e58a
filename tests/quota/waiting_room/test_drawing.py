"""The draw: a permutation that nobody can choose, fixed once, to be done again by everybody."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, connection
from django.test import Client

from mpaspor.audit import trail
from mpaspor.core import clock
from quota.models import Release
from quota.release import open_release, schedule_release
from quota.waiting_room import lots
from quota.waiting_room.drawing import draw
from quota.waiting_room.enums import RoomStatus
from quota.waiting_room.joining import leave
from quota.waiting_room.models import QueueTicket, Room
from quota.waiting_room.queries import place_again
from tests.database import sql
from tests.factories.queue import fresh, get_in_line, make_announced, make_at_work, room
from tests.factories.quota import make_release

pytestmark = pytest.mark.django_db

MANY = 100_000
# A hundred thousand arrivals, one every few milliseconds of the hour before the opening.
CROWD = """
INSERT INTO quota_queueticket
  (code, digest, room_id, holder, service, size, status, joined_at, queued_at, extended, told)
SELECT 'T' || n, sha256(convert_to('T' || n, 'UTF8')), %s, 'H', 'regular', 1, 'waiting', at, at,
       false, ''
  FROM generate_series(1, %s) n, LATERAL (SELECT %s::timestamptz - interval '1 hour'
                                               + n * interval '30 milliseconds' AS at) arrival
"""


def test_schedule_release_a_day_ahead_publishes_the_commitment() -> None:
    release = make_announced()
    made = room(release)
    assert (made.status, made.secret, made.seed) == (RoomStatus.ANNOUNCED, None, None)
    entry = trail.of(f"release:{release.code}")[0]
    assert entry.deed == "queue.committed"
    assert entry.facts == {"commitment": bytes(made.commitment).hex()}
    assert release.publish_at - made.committed_at >= timedelta(hours=24)


def test_schedule_release_later_than_a_day_ahead_has_no_room() -> None:
    release = make_release(status="reviewed", publish_at=clock.now() + timedelta(hours=23))
    schedule_release(release=release, by="test", at=clock.now())
    assert not Room.objects.exists()


def test_draw_gives_each_place_once_and_reveals_the_committed_secret() -> None:
    release, tickets = make_at_work([1, 2, 5, 1, 1])
    drawn = room(release)
    assert drawn.secret is not None
    assert sha256(bytes(drawn.secret)).digest() == bytes(drawn.commitment)
    assert (drawn.status, drawn.drawn_tickets) == (RoomStatus.ACTIVE, 5)
    assert sorted(ticket.drawn or 0 for ticket in tickets) == [1, 2, 3, 4, 5]


def test_draw_in_the_database_is_the_order_of_the_published_arithmetic() -> None:
    release, tickets = make_at_work([1] * 200)
    drawn = room(release)
    assert drawn.secret is not None
    digests = [lots.digest_of(ticket.code) for ticket in tickets]
    seed = lots.seed_of(bytes(drawn.secret), lots.list_digest(digests))
    assert seed == bytes(drawn.seed or b"")
    by_place = sorted(tickets, key=lambda ticket: ticket.drawn or 0)
    assert [lots.digest_of(ticket.code) for ticket in by_place] == lots.order(seed, digests)


def test_draw_of_other_tickets_with_the_same_secret_is_another_order() -> None:
    secret, digests = lots.new_secret(), [lots.digest_of(str(number)) for number in range(50)]
    seeds = [lots.seed_of(secret, lots.list_digest(digests[:many])) for many in (49, 50)]
    orders = [lots.order(seed, digests) for seed in seeds]
    assert orders[0] != orders[1]


def test_draw_leaves_out_who_left_before() -> None:
    release = make_announced()
    left, stayed = get_in_line(release), get_in_line(release)
    leave(ticket=left, by="test", at=release.publish_at)
    open_release(release=release, at=release.publish_at)
    assert (fresh(left).drawn, fresh(stayed).drawn, room(release).drawn_tickets) == (None, 1, 1)


def test_draw_with_nobody_in_the_room_lets_everybody_pass() -> None:
    release = make_announced()
    open_release(release=release, at=release.publish_at)
    assert room(release).status == RoomStatus.DORMANT


def test_draw_again_changes_nothing() -> None:
    release, tickets = make_at_work([1] * 10)
    seed = room(release).seed
    assert not draw(release=release, at=clock.now())
    assert room(release).seed == seed
    assert [fresh(ticket).drawn for ticket in tickets] == [ticket.drawn for ticket in tickets]


def test_secret_that_is_not_the_committed_one_is_refused_by_the_database() -> None:
    release = make_announced()
    with pytest.raises(IntegrityError, match="secret_keeps_its_commitment"):
        sql("UPDATE quota_room SET secret = 'another' WHERE release_id = %s", release.pk)


def crowded(many: int) -> Release:
    release = make_announced()
    sql(CROWD, room(release).pk, many, release.publish_at)
    sql("ANALYZE quota_queueticket")
    return release


def correlation(pairs: list[tuple[int, int]]) -> float:
    many = len(pairs)
    mean = (many - 1) / 2
    spread = sum((index - mean) ** 2 for index in range(many))
    return sum((a - mean) * (b - mean) for a, b in pairs) / spread


def test_draw_of_a_hundred_thousand_is_quick_fair_and_not_a_matter_of_arrival(
    record_property: Callable[[str, object], None],
) -> None:
    began = time.perf_counter()
    release = crowded(MANY)
    filled = time.perf_counter() - began
    began = time.perf_counter()
    assert draw(release=release, at=release.publish_at)
    seconds = time.perf_counter() - began
    record_property("draw_seconds", round(seconds, 2))

    rows = QueueTicket.objects.order_by("joined_at").values_list("drawn", flat=True)
    places = [place or 0 for place in rows]
    assert sorted(places) == list(range(1, MANY + 1))
    assert abs(correlation([(arrival, place - 1) for arrival, place in enumerate(places)])) < 0.02
    # Five seconds on a machine of its own; on one that is busy, about as slow as writing the rows.
    assert seconds <= max(5, 4 * filled)


def test_control_order_of_arrival_correlates_with_arrival() -> None:
    assert correlation([(number, number) for number in range(1000)]) > 0.99
    shuffled = list(range(1000))
    random.Random(1).shuffle(shuffled)
    assert abs(correlation(list(enumerate(shuffled)))) < 0.1


# What anybody can check


def published(release: Release, folder: Path) -> None:
    """The two files as everybody can load them."""
    browser = Client()
    for name in ("draw.json", "tickets.txt"):
        answer = browser.get(f"/releases/{release.code}/{name}")
        assert answer.status_code == 200
        content = b"".join(answer) if answer.streaming else answer.content
        (folder / name).write_bytes(content)


def recomputed(folder: Path, *tickets: str) -> "subprocess.CompletedProcess[str]":
    script = Path(settings.BASE_DIR, "docs", "recompute_draw.py")
    command = [sys.executable, "-I", str(script), str(folder), *tickets]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_place_is_recomputed_by_the_script_of_the_docs(tmp_path: Path) -> None:
    release, tickets = make_at_work([1] * 300)
    published(release, tmp_path)
    said = recomputed(tmp_path, *(ticket.code for ticket in tickets))
    assert said.stdout.splitlines() == [f"{ticket.code} {ticket.drawn}" for ticket in tickets]
    assert said.returncode == 0


@pytest.mark.parametrize("name", ["secret", "seed", "commitment", "list_digest"])
def test_script_of_the_docs_sees_a_changed_fact(tmp_path: Path, name: str) -> None:
    release, [ticket] = make_at_work([1])
    published(release, tmp_path)
    facts = json.loads((tmp_path / "draw.json").read_text())
    facts[name] = "00" * 32
    (tmp_path / "draw.json").write_text(json.dumps(facts))
    said = recomputed(tmp_path, ticket.code)
    assert (said.returncode, said.stdout) == (1, "")


def test_script_of_the_docs_sees_a_ticket_that_was_added_later(tmp_path: Path) -> None:
    release, [ticket] = make_at_work([1])
    published(release, tmp_path)
    with (tmp_path / "tickets.txt").open("a") as list_:
        list_.write("ff" * 32 + "\n")
    assert recomputed(tmp_path, ticket.code).returncode == 1


def test_script_of_the_docs_is_forty_lines_of_the_standard_library() -> None:
    source = Path(settings.BASE_DIR, "docs", "recompute_draw.py").read_text()
    assert len(source.splitlines()) <= 40


def test_place_again_by_seed_and_list_is_the_drawn_place() -> None:
    release, tickets = make_at_work([1] * 50)
    drawn = room(release)
    assert [place_again(drawn, ticket.code) for ticket in tickets] == [
        ticket.drawn for ticket in tickets
    ]
    assert place_again(drawn, "NOSUCHCODE") is None


def test_secret_lies_sealed_until_the_opening() -> None:
    release = make_announced()
    sealed = bytes(room(release).secret_sealed)
    open_release(release=release, at=release.publish_at)
    secret = bytes(room(release).secret or b"")
    assert secret.hex().encode() not in sealed
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit_entry WHERE facts::text LIKE %s", [f"%{secret.hex()}%"]
        )
        assert cursor.fetchone() == (0,)
