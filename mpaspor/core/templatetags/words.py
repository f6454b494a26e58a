"""How facts are written on pages: money, moments in a named zone, how long something takes."""

import math
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mpaspor.core.money import rupiah as _rupiah

register = template.Library()

ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


@register.filter
def rupiah(amount: int) -> str:
    return _rupiah(amount)


@register.filter
def nik(digits: str) -> str:
    """1173 0101 0790 0001: in fours, to compare with a card."""
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))


@register.filter
def zone_name(zone: str) -> str:
    """Asia/Makassar → WITA."""
    return ZONE_NAMES.get(zone, zone)


@register.filter
def day(value: date) -> str:
    """Monday, 7 December 2026, in the reader's language."""
    return date_format(value, "l, j F Y")


@register.filter
def isoday(text: str) -> str:
    """The same for a date that travelled as text."""
    return day(date.fromisoformat(text))


@register.filter
def clock(value: time) -> str:
    """08.00 in Indonesian, 08:00 in English."""
    return value.strftime(_("%H:%M"))


@register.filter
def isoclock(text: str) -> str:
    """The same for an hour that travelled as text."""
    return clock(time.fromisoformat(text)) if text else ""


@register.filter
def number(value: int) -> str:
    """1.178 in Indonesian, 1,178 in English."""
    return number_format(value, force_grouping=True)


@register.filter
def moment(value: datetime, zone: str) -> str:
    """Day and clock time in the given zone, with the zone's name."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local.date())}, {clock(local.time())} {zone_name(zone)}"


@register.filter
def near_moment(value: datetime, zone: str) -> str:
    """As moment, and whether that day is today or tomorrow there."""
    place = ZoneInfo(zone)
    days = (value.astimezone(place).date() - timezone.now().astimezone(place).date()).days
    near = {0: _("today"), 1: _("tomorrow")}.get(days)
    return f"{near}, {moment(value, zone)}" if near else moment(value, zone)


@register.filter
def left(until: datetime) -> str:
    """How long it is still, in the words of the script that counts on (countdown.js)."""
    minutes = math.ceil((until - timezone.now()).total_seconds() / 60)
    if minutes <= 0:
        return _("the time is up")
    if minutes == 1:
        return _("less than a minute left")
    if minutes % 60 == 0:
        text = _("{h} h left")
    else:
        text = _("{n} minutes left") if minutes < 60 else _("{h} h {n} min left")
    return text.replace("{h}", str(minutes // 60)).replace("{n}", str(minutes % 60))


@register.filter
def duration(seconds: int) -> str:
    """Never less than it is: 90 seconds, 2 minutes, 3 hours."""
    if seconds <= 90:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    minutes = math.ceil(seconds / 60)
    if minutes <= 90:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = math.ceil(minutes / 60)
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}


@register.filter
def everywhere(value: datetime) -> str:
    """In all three zones, for whoever may be in any: the day is said again where it is another."""
    said, last = [], None
    for zone, name in ZONE_NAMES.items():
        local = value.astimezone(ZoneInfo(zone))
        today = local.date()
        said.append(f"{'' if today == last else day(today) + ', '}{clock(local.time())} {name}")
        last = today
    return " / ".join(said)
