from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from mpaspor.audit import trail
from mpaspor.core import clock
from quota.enums import ReleaseStatus, Role, Service, Zone
from quota.models import Closure, PlanLine, Release, Seat, Slot
from quota.release import (
    DaysBackwards,
    MomentPassed,
    NothingToOpen,
    OpensEarlier,
    OpensTooLate,
    PlanElsewhere,
    ReasonMissing,
    ReleaseMovedOn,
    ReviewedByAuthor,
    SessionsOverlap,
    draft_release,
    move_opening,
    open_due_releases,
    open_release,
    redraft_release,
    review_release,
    schedule_release,
    withdraw_release,
)
from tests.factories.quota import make_office, make_officer, make_plan, make_release

pytestmark = pytest.mark.django_db


def deeds(release: Release) -> list[str]:
    return [entry.deed for entry in trail.of(f"release:{release.code}")]


def scheduled(**facts: Any) -> Release:
    return make_release(status=ReleaseStatus.SCHEDULED, **facts)


def due(**facts: Any) -> Release:
    return scheduled(publish_at=clock.now() - timedelta(seconds=1), **facts)


# Drafting


def test_draft_release_keeps_the_days_and_the_author() -> None:
    plan = make_plan(make_office())
    planner = make_officer(Role.PLANNER, plan.office)

    release = draft_release(
        office=plan.office,
        plan=plan,
        first_day=date(2027, 3, 1),
        last_day=date(2027, 3, 31),
        publish_at=clock.now(),
        by=planner,
        at=clock.now(),
    )

    release.refresh_from_db()
    assert (release.status, release.drafted_by_id) == (ReleaseStatus.DRAFT, planner.pk)
    assert (release.first_day, release.last_day) == (date(2027, 3, 1), date(2027, 3, 31))
    assert deeds(release) == ["release.drafted"]


@pytest.mark.parametrize(
    ("first", "last", "other_office", "refusal"),
    [(2, 1, False, DaysBackwards), (1, 2, True, PlanElsewhere)],
)
def test_draft_release_with_wrong_facts_refuses(
    first: int, last: int, other_office: bool, refusal: type[Exception]
) -> None:
    plan = make_plan(make_office())

    with pytest.raises(refusal):
        draft_release(
            office=make_office() if other_office else plan.office,
            plan=plan,
            first_day=date(2027, 3, first),
            last_day=date(2027, 3, last),
            publish_at=clock.now(),
            by="test",
            at=clock.now(),
        )

    assert not Release.objects.exists()


def test_redraft_release_that_was_reviewed_must_be_reviewed_anew() -> None:
    release = make_release()
    head = make_officer(Role.HEAD, release.office)
    release = review_release(release=release, by=head, at=clock.now())
    release.last_day += timedelta(days=1)

    redraft_release(release=release, by=head, at=clock.now())

    release.refresh_from_db()
    assert (release.status, release.reviewed_by_id) == (ReleaseStatus.DRAFT, None)
    with pytest.raises(ReviewedByAuthor):
        review_release(release=release, by=head, at=clock.now())


def test_redraft_release_that_is_scheduled_refuses() -> None:
    with pytest.raises(ReleaseMovedOn):
        redraft_release(release=scheduled(), by="test", at=clock.now())


# Reviewing


def test_review_release_by_another_officer_notes_what_it_will_make() -> None:
    release = make_release()
    head = make_officer(Role.HEAD, release.office)

    review_release(release=release, by=head, at=clock.now())

    release.refresh_from_db()
    assert (release.status, release.reviewed_by_id) == (ReleaseStatus.REVIEWED, head.pk)
    entry = trail.of(f"release:{release.code}")[-1]
    assert entry.facts == {"sessions": 20, "seats": 60}


def test_review_release_by_its_author_refuses() -> None:
    release = make_release()
    assert release.drafted_by

    with pytest.raises(ReviewedByAuthor):
        review_release(release=release, by=release.drafted_by, at=clock.now())

    release.refresh_from_db()
    assert release.status == ReleaseStatus.DRAFT


def test_review_release_without_any_session_refuses() -> None:
    release = make_release(plan=make_plan(make_office(), weekdays=[]))

    with pytest.raises(NothingToOpen):
        review_release(release=release, by=make_officer(Role.CENTRE), at=clock.now())


def test_review_release_over_sessions_of_an_open_one_refuses_and_says_which() -> None:
    first = due()
    open_release(release=first, at=clock.now())
    second = make_release(plan=first.plan, first_day=first.last_day - timedelta(days=2))

    with pytest.raises(SessionsOverlap) as no:
        review_release(release=second, by=make_officer(Role.CENTRE), at=clock.now())

    assert no.value.facts["starts"] == "08:00"


def test_review_release_over_sessions_of_a_reviewed_one_refuses() -> None:
    first, head = make_release(), make_officer(Role.CENTRE)
    second = make_release(plan=first.plan)
    review_release(release=first, by=head, at=clock.now())

    with pytest.raises(SessionsOverlap):
        review_release(release=second, by=head, at=clock.now())


def test_review_release_for_another_service_on_the_same_days_agrees() -> None:
    first = scheduled()
    accelerated = make_plan(first.office, service=Service.ACCELERATED)

    release = review_release(
        release=make_release(plan=accelerated), by=make_officer(Role.CENTRE), at=clock.now()
    )

    assert release.status == ReleaseStatus.REVIEWED


def test_plan_of_a_reviewed_release_cannot_be_changed() -> None:
    release = make_release(status=ReleaseStatus.REVIEWED)

    with pytest.raises(DatabaseError, match="waits with this plan"), transaction.atomic():
        PlanLine.objects.filter(plan=release.plan).update(seats=99)
    with pytest.raises(DatabaseError, match="waits with this plan"), transaction.atomic():
        PlanLine.objects.filter(plan=release.plan).delete()


def test_days_of_a_reviewed_release_cannot_be_changed() -> None:
    release = make_release(status=ReleaseStatus.REVIEWED)

    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(last_day=date(2040, 1, 1))


# Scheduling and withdrawing


def test_schedule_release_that_is_reviewed_announces_it() -> None:
    release = make_release(status=ReleaseStatus.REVIEWED)

    schedule_release(release=release, by="test", at=clock.now())

    release.refresh_from_db()
    assert release.status == ReleaseStatus.SCHEDULED
    assert deeds(release) == ["release.scheduled"]


def test_schedule_release_at_this_very_moment_is_possible() -> None:
    at = clock.now()
    release = make_release(status=ReleaseStatus.REVIEWED, publish_at=at)

    assert schedule_release(release=release, by="test", at=at).status == ReleaseStatus.SCHEDULED


@pytest.mark.parametrize(
    ("status", "hours", "refusal"),
    [
        (ReleaseStatus.REVIEWED, -1, MomentPassed),
        (ReleaseStatus.REVIEWED, 24 * 60, OpensTooLate),
        (ReleaseStatus.DRAFT, 1, ReleaseMovedOn),
        (ReleaseStatus.WITHDRAWN, 1, ReleaseMovedOn),
    ],
)
def test_schedule_release_at_a_wrong_moment_refuses(
    status: str, hours: int, refusal: type[Exception]
) -> None:
    release = make_release(status=status, publish_at=clock.now() + timedelta(hours=hours))

    with pytest.raises(refusal):
        schedule_release(release=release, by="test", at=clock.now())


def test_withdraw_release_before_it_opens_keeps_the_reason() -> None:
    release = scheduled()

    withdraw_release(release=release, by="test", at=clock.now(), reason=" Flood ")

    release.refresh_from_db()
    assert release.status == ReleaseStatus.WITHDRAWN
    assert trail.of(f"release:{release.code}")[-1].facts == {"reason": "Flood"}


def test_withdraw_release_without_a_reason_refuses() -> None:
    with pytest.raises(ReasonMissing):
        withdraw_release(release=scheduled(), by="test", at=clock.now(), reason=" ")


def test_withdraw_release_that_is_open_refuses() -> None:
    release = due()
    open_release(release=release, at=clock.now())

    with pytest.raises(ReleaseMovedOn):
        withdraw_release(release=release, by="test", at=clock.now(), reason="Flood")


# Opening


@pytest.mark.parametrize("zone", Zone)
def test_open_release_makes_slots_at_the_hours_of_the_offices_zone(zone: str) -> None:
    plan = make_plan(make_office(zone=zone), weekdays=[0], hours=[8], seats=4)
    release = due(plan=plan)

    assert open_release(release=release, at=clock.now())

    slots = list(Slot.objects.filter(release=release))
    assert [slot.date for slot in slots] == [
        release.first_day,
        release.first_day + timedelta(days=7),
    ]
    morning = datetime.combine(release.first_day, time(8), ZoneInfo(zone))
    assert (slots[0].starts_at, slots[0].ends_at) == (morning, morning + timedelta(hours=1))
    assert list(slots[0].seats.order_by("number").values_list("number", "holder")) == [
        (1, None),
        (2, None),
        (3, None),
        (4, None),
    ]
    assert len({slot.code for slot in slots}) == 2
    assert trail.of(f"release:{release.code}")[-1].facts == {"slots": 2, "seats": 8}


def test_open_release_skips_closures_entered_after_the_review() -> None:
    release = due(plan=make_plan(make_office(), weekdays=[0], hours=[8]))
    Closure.objects.create(date=release.first_day, reason="Election")

    open_release(release=release, at=clock.now())

    days = release.slots.values_list("date", flat=True)
    assert list(days) == [release.first_day + timedelta(days=7)]


def test_open_release_again_makes_nothing() -> None:
    release = due()
    open_release(release=release, at=clock.now())
    seats = Seat.objects.count()

    assert not open_release(release=release, at=clock.now())
    assert Seat.objects.count() == seats
    assert deeds(release) == ["release.opened"]


@pytest.mark.parametrize("status", sorted(set(ReleaseStatus) - {ReleaseStatus.SCHEDULED}))
def test_open_release_that_is_not_scheduled_makes_nothing(status: str) -> None:
    release = make_release(status=status, publish_at=clock.now() - timedelta(hours=1))

    assert not open_release(release=release, at=clock.now())
    assert not Slot.objects.exists()


def test_open_release_before_its_moment_makes_nothing() -> None:
    assert not open_release(release=scheduled(), at=clock.now())
    assert not Slot.objects.exists()


def test_open_due_releases_with_one_that_fails_opens_the_others() -> None:
    open_release(release=(first := due()), at=clock.now())
    clash = due(plan=first.plan)
    good = due()

    assert open_due_releases(at=clock.now()) == 1

    statuses = dict(Release.objects.values_list("pk", "status"))
    assert (statuses[clash.pk], statuses[good.pk]) == (ReleaseStatus.SCHEDULED, ReleaseStatus.OPEN)
    assert not clash.slots.exists()


def test_open_due_releases_leaves_later_ones_alone() -> None:
    scheduled()

    assert open_due_releases(at=clock.now()) == 0


def test_slot_of_an_office_at_one_time_exists_only_once() -> None:
    open_release(release=(first := due()), at=clock.now())

    with pytest.raises(IntegrityError, match="slot_once"):
        open_release(release=due(plan=first.plan), at=clock.now())


# Moving the opening


def test_move_opening_takes_the_waiting_room_along_and_the_old_moment_opens_nothing() -> None:
    at = clock.now()
    reviewed = make_release(status=ReleaseStatus.REVIEWED, publish_at=at + timedelta(days=2))
    release = schedule_release(release=reviewed, by="test", at=at)
    before, later = release.publish_at, release.publish_at + timedelta(hours=5)

    move_opening(release=release, publish_at=later, by="test", at=at)

    release = Release.objects.select_related("room").get()
    assert (release.publish_at, release.status) == (later, ReleaseStatus.SCHEDULED)
    assert release.room.join_from == release.room.next_at == later - timedelta(hours=1)
    assert not open_release(release=release, at=before)
    assert open_release(release=release, at=later)
    assert deeds(release)[-3:] == ["release.moved", "release.opened", "queue.drawn"]


@pytest.mark.parametrize("seconds", [-1, 0])
def test_move_opening_to_no_later_moment_is_refused(seconds: int) -> None:
    release = scheduled()
    moment = release.publish_at + timedelta(seconds=seconds)

    with pytest.raises(OpensEarlier):
        move_opening(release=release, publish_at=moment, by="test", at=clock.now())
    with pytest.raises(OpensEarlier):
        move_opening(
            release=release,
            publish_at=release.publish_at + timedelta(days=1),
            by="test",
            at=release.publish_at + timedelta(days=1),
        )


def test_move_opening_behind_the_last_day_is_refused() -> None:
    release = scheduled()
    moment = release.publish_at + timedelta(days=60)

    with pytest.raises(OpensTooLate):
        move_opening(release=release, publish_at=moment, by="test", at=clock.now())


@pytest.mark.parametrize("status", sorted(set(ReleaseStatus) - {ReleaseStatus.SCHEDULED}))
def test_move_opening_of_what_is_not_announced_is_refused(status: str) -> None:
    release = make_release(status=status)
    moment = release.publish_at + timedelta(hours=1)

    with pytest.raises(ReleaseMovedOn):
        move_opening(release=release, publish_at=moment, by="test", at=clock.now())
