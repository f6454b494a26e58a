"""The neighbours' clock: Western Indonesia Time (WIB, UTC+7), as banks and the treasury use."""

from datetime import datetime, timedelta, timezone

WIB = timezone(timedelta(hours=7), "WIB")
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)


def now() -> datetime:
    return datetime.now(WIB)


def in_words(at: datetime) -> str:
    at = at.astimezone(WIB)
    return (
        f"{DAYS[at.weekday()]}, {at.day} {MONTHS[at.month - 1]} {at.year} pukul {at:%H.%M.%S} WIB"
    )
