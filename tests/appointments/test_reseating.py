"""A day is closed: everybody in it has another seat and three ways to answer, or is on a list."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import Error
from django.urls import reverse

from appointments.arrival import check_in
from appointments.booking import lapse_holds
from appointments.cancelling import AnswerInstead, cancel
from appointments.confirming import confirm
from appointments.enums import MoveReason
from appointments.invariants import broken
from appointments.models import Appointment, Move
from appointments.moving_by_office import move_by_office
from appointments.rescheduling import RightSpent, changing_of, reschedule
from appointments.reseating.answering import NothingToAnswer, PaidTogether, accept, decline
from appointments.reseating.beginning import NobodyToMove, begin
from appointments.reseating.models import Reseated, Reseating
from appointments.reseating.planning import plan_of, sessions_to_empty
from appointments.reseating.queries import progress_of
from appointments.reseating.working import reseat
from appointments.retention import purge
from appointments.visits.declining import decline_token
from appointments.visits.reminding import plan_reminders, remind
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from payments.models import Case
from payments.settlement import settle
from quota.capacity import ChangeReasonMissing
from quota.closing import reopen_session
from quota.enums import Reserve, Role, Service
from quota.models import Seat, Slot
from quota.returning import return_seats
from tests.appointments.browsing import errors_of, said, signed_in, text_of
from tests.appointments.test_cancelling import paid_party, state
from tests.appointments.test_rescheduling import another, committed, where
from tests.database import check_deferred
from tests.factories.applicants import make_user
from tests.factories.appointments import (
    make_awaiting,
    make_confirmed,
    make_held,
    make_money,
)
from tests.factories.quota import make_office, make_officer, make_open_slot

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def empty(slot: Slot, *, whole_day: bool = True, reason: str = "Banjir") -> Reseating:
    head = make_officer(Role.HEAD, slot.office)
    return begin(slot=slot, whole_day=whole_day, reason=reason, by=head, at=clock.now())


def work() -> None:
    while reseat(at=clock.now()):
        pass
    check_deferred()
    assert list(broken(at=clock.now())) == []


def emptied(slot: Slot, **how: Any) -> Reseating:
    act = empty(slot, **how)
    work()
    return act


def places(act: Reseating) -> list[tuple[str, Slot | None]]:
    rows = act.people.select_related("new_slot").order_by("appointment")
    return [(row.place, row.new_slot) for row in rows]


def told() -> list[str]:
    names = [notice.template.rpartition("/")[2] for notice in Notice.objects.order_by("pk")]
    return [name for name in names if name not in ("confirmed",)]


def test_everybody_of_a_day_is_moved_and_told_and_keeps_the_right_to_change() -> None:
    first = make_confirmed(slot=make_open_slot(seats=5))
    family = [first, *[make_confirmed(slot=first.slot) for _one in range(2)]]
    old, new = first.slot, another(first, seats=5)
    later = make_open_slot(office=old.office, starts_at=old.starts_at + HOUR)
    second = make_confirmed(slot=later)

    act = emptied(old)

    assert where(*family, second) == [new] * 4
    assert places(act) == [("moved", new)] * 4
    assert set(Move.objects.values_list("why", "number")) == {("closed", 1)}
    assert told() == ["reseated"] * 4
    assert changing_of(Appointment.objects.get(pk=first.pk), at=clock.now()).left == 1
    [closed, *_seats] = [entry.deed for entry in trail.of(f"slot:{old.code}")]
    [line] = trail.of(f"reseating:{act.code}")
    assert (closed, line.facts["people"]) == ("slot.close", 4)
    assert not Slot.objects.bookable(clock.now()).filter(date=old.date).exists()


def test_preview_says_what_then_happens_and_families_are_not_torn_apart() -> None:
    party = paid_party(3)
    old = party[0].slot
    alone = make_confirmed(slot=make_open_slot(office=old.office, starts_at=old.starts_at + HOUR))
    narrow, wide = another(party[0], 1, seats=2), another(party[0], 2, seats=3)
    slots = sessions_to_empty(old, whole_day=True, at=clock.now())

    planned = plan_of(slots, at=clock.now())

    assert [(len(group.members), group.slot) for group in planned] == [(3, wide), (1, narrow)]
    emptied(old)
    assert where(*party, alone) == [wide, wide, wide, narrow]


@pytest.mark.parametrize(
    "facts",
    [
        {"service": Service.ACCELERATED},
        {"starts_at": -DAY},
        {"starts_at": 31 * DAY},
        {"office": True},
    ],
    ids=["other service", "sooner", "too late", "other office"],
)
def test_other_seats_are_not_equal_and_who_finds_none_is_on_the_list(facts: dict[str, Any]) -> None:
    mine = make_confirmed()
    facts = dict(facts)
    facts["starts_at"] = mine.slot.starts_at + facts.get("starts_at", DAY)
    facts["office"] = make_office() if "office" in facts else mine.slot.office
    make_open_slot(**facts)

    act = emptied(mine.slot)

    assert places(act) == [("seatless", None)]
    assert where(mine) == [mine.slot]
    assert progress_of(act).seatless == [mine]
    assert told() == ["seatless"]


def test_seats_that_are_kept_back_are_used_and_nobody_is_moved_to_tomorrow_morning() -> None:
    mine = make_confirmed(slot=make_open_slot(starts_at=clock.now() + 2 * HOUR))
    office = mine.slot.office
    make_open_slot(office=office, starts_at=mine.slot.starts_at + 20 * HOUR)
    kept = make_open_slot(office=office, starts_at=mine.slot.starts_at + 24 * HOUR, seats=1)
    Seat.objects.filter(slot=kept).update(reserve=Reserve.RESTORATION)

    emptied(mine.slot)

    assert where(mine) == [kept]


def test_pressed_again_nothing_happens_twice_and_it_is_looked_for_the_seatless() -> None:
    mine, other = make_confirmed(), make_confirmed()
    act = emptied(mine.slot)
    assert places(act) == [("seatless", None)]
    new = another(mine)

    assert emptied(mine.slot) == act

    assert places(act) == [("moved", new)]
    assert emptied(mine.slot, whole_day=False) == act
    assert (where(mine, other), Move.objects.count()) == ([new, other.slot], 1)
    assert told() == ["seatless", "reseated"]


def test_worker_that_died_leaves_its_people_to_the_next_one() -> None:
    mine = make_confirmed()
    new = another(mine)
    act = empty(mine.slot)
    at = clock.now()
    Reseated.objects.update(next_at=at + timedelta(minutes=2))  # claimed by the one who died

    assert reseat(at=at) == 0
    assert reseat(at=at + timedelta(minutes=2)) == 1

    assert places(act) == [("moved", new)]
    assert where(mine) == [new]


def test_unpaid_seats_move_too_and_no_clock_is_shortened() -> None:
    slot = make_open_slot(seats=3)
    held, awaiting = make_held(slot=slot), make_awaiting(slot=slot)
    new = another(held)
    bill = awaiting.bill
    assert bill is not None
    before = (held.hold_until, bill.pay_until)

    emptied(slot)

    assert where(held, awaiting) == [new, new]
    held.refresh_from_db()
    bill.refresh_from_db()
    assert (held.hold_until, bill.pay_until) == before
    settle(bill_code=bill.code, money=make_money(bill), by="test", at=clock.now())
    confirm(bill_code=bill.code, at=clock.now())
    lapse_holds(at=clock.now() + DAY)
    assert [state(one)[0] for one in (held, awaiting)] == ["released", "confirmed"]
    # Paid for since, and still free to answer.
    assert [one.pk for one in accept(appointment=awaiting, by="test", at=clock.now())] == [
        awaiting.pk
    ]


def test_moves_of_what_was_never_paid_are_forgotten_with_it() -> None:
    awaiting = make_awaiting()
    another(awaiting)
    emptied(awaiting.slot)
    cancel(appointment=awaiting, by="test", at=clock.now())

    purge(by="test", at=clock.now() + 400 * DAY)

    check_deferred()
    assert not Appointment.objects.filter(pk=awaiting.pk).exists()
    assert (Move.objects.count(), Reseated.objects.count()) == (0, 0)


def test_who_left_meanwhile_is_left_alone() -> None:
    gone, moved, here = (make_confirmed(slot=slot) for slot in [make_open_slot(seats=3)] * 3)
    new, own = another(here), another(here, 3)
    act = empty(here.slot)
    cancel(appointment=gone, by="test", at=clock.now())
    reschedule(appointment=moved, slot_code=own.code, by="test", at=clock.now())

    work()

    assert [place for place, _slot in places(act)] == ["over", "over", "moved"]
    assert where(moved, here) == [own, new]


def test_who_had_a_seat_in_hand_when_the_day_closed_is_put_down_later() -> None:
    mine, late = (make_confirmed(slot=slot) for slot in [make_open_slot()] * 2)
    another(mine)
    act = empty(mine.slot)
    Reseated.objects.filter(appointment=late).delete()

    work()

    assert [row.appointment_id for row in act.people.order_by("pk")] == [mine.pk, late.pk]
    assert where(late) == where(mine)


def test_nobody_can_take_a_seat_of_the_closed_session_until_it_is_opened_again() -> None:
    mine = make_confirmed()
    old, _new = mine.slot, another(mine)
    emptied(old)
    assert return_seats(at=clock.now()) == 0
    assert Seat.objects.free().filter(slot=old).count() == 0

    reopen_session(slot=old, seats=3, reason="Surut", by="test", at=clock.now())

    assert Seat.objects.free().filter(slot=old).count() == 3


def test_who_came_back_to_a_session_opened_again_is_moved_out_of_it_again() -> None:
    mine = make_confirmed()
    old, new = mine.slot, another(mine)
    emptied(old)
    reopen_session(slot=old, seats=3, reason="Surut", by="test", at=clock.now())
    reschedule(appointment=mine, slot_code=old.code, by="test", at=clock.now())
    assert where(mine) == [old]

    emptied(old)

    assert where(mine) == [new]
    assert [row.answer for row in Reseated.objects.order_by("pk")] == ["chosen", ""]


def test_accepted_for_all_who_were_moved_together() -> None:
    party = paid_party(2)
    another(party[0])
    emptied(party[0].slot)

    assert accept(appointment=party[0], by="test", at=clock.now()) == party
    assert accept(appointment=party[1], by="test", at=clock.now()) == []

    assert set(Reseated.objects.values_list("answer", flat=True)) == {"accepted"}
    with pytest.raises(NothingToAnswer):
        decline(appointment=party[0], by="test", at=clock.now())


@pytest.mark.parametrize("has_seat", [True, False])
def test_another_day_instead_spends_no_right_and_is_in_time_whenever_it_is(has_seat: bool) -> None:
    mine = make_confirmed(slot=make_open_slot(starts_at=clock.now() + 3 * HOUR))
    if has_seat:
        another(mine, 2)
    wish, again, too_often = (another(mine, days) for days in (5, 6, 7))
    if not has_seat:
        Slot.objects.exclude(pk=mine.slot.pk).update(closed_at=clock.now())
    emptied(mine.slot)
    Slot.objects.exclude(pk=mine.slot.pk).update(closed_at=None)

    for slot in (wish, again):
        reschedule(appointment=mine, slot_code=slot.code, by="test", at=clock.now())

    whys = list(Move.objects.order_by("number").values_list("why", flat=True))
    assert whys == ["closed"] * has_seat + ["office", "own"]
    assert where(mine) == [again]
    with pytest.raises(RightSpent):
        reschedule(appointment=mine, slot_code=too_often.code, by="test", at=clock.now())


@pytest.mark.parametrize("has_seat", [True, False])
def test_declined_gives_up_all_of_the_bill_and_is_a_case_of_the_treasurer(has_seat: bool) -> None:
    party = paid_party(2)
    if has_seat:
        another(party[0])
    emptied(party[0].slot)
    Notice.objects.all().delete()

    assert decline(appointment=party[0], by="test", at=clock.now()) == party
    assert decline(appointment=party[0], by="test", at=clock.now()) == []

    assert [state(one) for one in party] == [("cancelled", "cancelled", "paid", 0)] * 2
    [case] = Case.objects.all()
    assert (case.kind, case.payment) == ("session_closed", party[0].bill and case.payment)
    assert told() == []  # The case is told of by its own notice.
    work()


def test_declining_is_refused_while_others_of_the_bill_keep_theirs() -> None:
    party = paid_party(2)
    own, _new = another(party[0], 4), another(party[0])
    reschedule(appointment=party[1], slot_code=own.code, alone=True, by="test", at=clock.now())
    emptied(party[0].slot)
    with pytest.raises(PaidTogether):
        decline(appointment=party[0], by="test", at=clock.now())


def test_nobody_loses_the_fee_by_cancelling_a_closed_session() -> None:
    mine = make_confirmed()
    emptied(mine.slot)
    with pytest.raises(AnswerInstead):
        cancel(appointment=mine, by="test", at=clock.now())
    link = reverse("cannot_come", args=[decline_token(mine)])
    assert "if none suits you the fee is given back" in text_of(signed_in(make_user()).get(link))


def test_nothing_is_answered_without_a_move_or_after_the_visit_or_a_day_by_the_office() -> None:
    plain, came, given = make_confirmed(), make_confirmed(), make_confirmed()
    for mine in (came, given):
        another(mine)
        emptied(mine.slot)
    [came_to] = where(came)
    check_in(appointment=came, office=came_to.office, by="test", at=came_to.starts_at)
    move_by_office(
        appointment=given,
        slot_code=another(given, 9).code,
        why=MoveReason.ILLNESS,
        by="test",
        at=clock.now(),
    )
    for mine in (plain, came, given):
        for deed in (accept, decline):
            with pytest.raises(NothingToAnswer):
                deed(appointment=mine, by="test", at=clock.now())


def test_nobody_is_reminded_of_a_closed_session() -> None:
    mine = make_confirmed(slot=make_open_slot(starts_at=clock.now() + 2 * DAY))
    plan_reminders(at=clock.now())
    emptied(mine.slot)
    Notice.objects.all().delete()
    remind(at=mine.slot.starts_at - 2 * HOUR)
    assert told() == []


def test_begin_wants_a_reason_and_people() -> None:
    mine, nobody = make_confirmed(), make_open_slot()
    with pytest.raises(ChangeReasonMissing):
        empty(mine.slot, reason=" ")
    with pytest.raises(NobodyToMove):
        empty(nobody)
    assert Slot.objects.exclude(closed_at=None).count() == 0


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE appointments_reseated SET place = 'waiting', next_at = now(), new_slot_id = NULL",
         "Invalid transition"),
        ("UPDATE appointments_reseated SET answer = 'accepted', answered_at = now();"
         "UPDATE appointments_reseated SET answer = 'declined'", "Invalid transition"),
        ("UPDATE appointments_reseated SET old_slot_id = new_slot_id", "reseated_bound"),
        ("UPDATE appointments_reseated SET new_slot_id = NULL", "reseated_somewhere"),
        ("UPDATE appointments_reseated SET new_slot_id = old_slot_id", "not moved to an equal"),
        ("UPDATE appointments_reseated SET next_at = now()", "waits_with_a_moment"),
        ("UPDATE appointments_reseating SET reason = 'x'", "Cannot update"),
        ("DELETE FROM appointments_move", "a move is not forgotten"),
    ],
)  # fmt: skip
def test_postgresql_keeps_what_was_done(statement: str, says: str) -> None:
    mine = make_confirmed()
    another(mine)
    emptied(mine.slot)
    with pytest.raises(Error, match=says):
        committed(statement)


# Pages


def test_pages_of_the_head_show_the_plan_then_do_it_then_how_far_it_is() -> None:
    mine = make_confirmed()
    seatless = make_confirmed(slot=mine.slot)
    new = another(mine, seats=1)
    client = signed_in(make_officer(Role.HEAD, mine.slot.office))
    url = reverse("admin:reseat", args=[mine.slot.code]) + "?what=day"

    page = client.get(url)

    assert (page.context["people"], page.context["seatless"]) == (2, 1)
    assert "No seat found" in text_of(page)
    assert errors_of(client.post(url, {"reason": " "})) == {"reason": ["Say why: people read it."]}
    assert Reseating.objects.count() == 0

    answer = client.post(url, {"reason": "Banjir"})

    act = Reseating.objects.get()
    assert answer["Location"] == reverse("admin:reseating", args=[act.code])
    assert "0 of 2 people" in text_of(client.get(answer["Location"]))
    work()
    page = client.get(answer["Location"])
    assert reverse("admin:give_day", args=[seatless.code]) in page.content.decode()
    assert where(mine) == [new]
    another(mine, 2)
    for _twice in range(2):
        client.post(answer["Location"])
        work()
    lines = [line for line in trail.of(f"reseating:{act.code}") if line.deed == "reseating.again"]
    assert [line.facts for line in lines] == [{"people": 1}]
    assert "Nobody." in text_of(client.get(answer["Location"]))
    # Once more from the session: nobody is there any more.
    assert "Nobody has a seat there" in text_of(client.get(url))
    assert "Nobody has a seat there" in text_of(client.post(url, {"reason": "Banjir"}))
    again = client.post(url.partition("?")[0], {"reason": "Banjir"})
    assert again["Location"] == answer["Location"]


def test_refused_closing_leads_to_moving_everybody() -> None:
    mine = make_confirmed()
    client = signed_in(make_officer(Role.HEAD, mine.slot.office))
    url = reverse("admin:quota_slot_amend", args=[mine.slot.pk])
    page = client.post(url, {"change": "close-day", "reason": "Banjir"})
    assert "give all of them another seat" in text_of(page)
    assert reverse("admin:reseat", args=[mine.slot.code]) in page.content.decode()


@pytest.mark.parametrize("has_seat", [True, False])
def test_page_of_the_applicant_shows_the_new_time_and_takes_each_answer(has_seat: bool) -> None:
    mine = make_confirmed()
    if has_seat:
        another(mine)
    emptied(mine.slot)
    client = signed_in(mine.application.account)
    code = mine.application.code
    url = reverse("new_day", args=[code])
    assert url in client.get(reverse("visit", args=[code])).content.decode()
    assert client.get(reverse("cancel", args=[code]))["Location"] == url

    page = client.get(url)

    assert ("Accept the new session" in text_of(page)) is has_seat
    assert "Banjir" in text_of(page)
    assert client.post(url, {"answer": "\0"})["Location"] == url
    days = text_of(client.get(reverse("move_day", args=[code])))
    assert "costs you nothing" in days
    if has_seat:
        client.post(url, {"answer": "accept"})
        assert Reseated.objects.get().answer == "accepted"
    else:
        refused = client.post(url, {"answer": "accept"}, follow=True)
        assert "no new session that waits" in said(refused)[0]
        client.post(url, {"answer": "decline"})
        assert "gave the appointment up" in text_of(client.get(reverse("bill", args=[code])))
    assert client.get(url).status_code == 302
