"""The bank's pages, open to anybody with a code: the bill, the steps of a channel, the receipt."""

import re
from urllib.parse import parse_qs

from aiohttp import web

from simulators.clock import in_words, now
from simulators.pages import fill, page
from simulators.simponi import bills, money, screens, till
from simulators.simponi.api import DB
from simulators.simponi.bills import Bill, Unpayable
from simulators.simponi.money import CHANNELS, Payment
from simulators.simponi.till import Deposit

PAGES = "simponi/pages/"
NOT_DIGITS = (
    "Kode billing terdiri dari 15 angka. Periksa lagi lalu ketik ulang.",
    "A billing code has 15 digits. Check it and type it again.",
)
NO_CHANNEL = ("Pilih dulu cara membayar.", "Choose how to pay first.")


async def home(request: web.Request) -> web.Response:
    return ask_code("")


async def review(request: web.Request) -> web.Response:
    typed = request.query.get("code", "")
    if not is_code(typed):
        return ask_code(typed, NOT_DIGITS, status=422)
    try:
        return review_page(payable(request.app, typed), typed)
    except Unpayable as refusal:
        return ask_code(typed, explain(refusal), status=refusal.status)


async def step(request: web.Request) -> web.Response:
    """One screen of the chosen channel; the last one's button pays."""
    typed, channel = request.query.get("code", ""), request.query.get("channel", "")
    if not is_code(typed):
        return ask_code(typed, NOT_DIGITS, status=422)
    try:
        bill = payable(request.app, typed)
    except Unpayable as refusal:
        return ask_code(typed, explain(refusal), status=refusal.status)
    if channel not in CHANNELS:
        return review_page(bill, typed, NO_CHANNEL, status=422)
    return screens.screen(channel, request.query.get("step", ""), digits(typed), bill_facts(bill))


async def pay(request: web.Request) -> web.Response:
    form = parse_qs((await request.read()).decode("utf-8", "replace"))
    typed, channel = form.get("code", [""])[0], form.get("channel", [""])[0]
    if not is_code(typed):
        return ask_code(typed, NOT_DIGITS, status=422)
    try:
        if channel not in CHANNELS:
            return review_page(payable(request.app, typed), typed, NO_CHANNEL, status=422)
        payment = till.take(request.app, Deposit(billing_code=digits(typed), channel=channel))
    except Unpayable as refusal:
        return ask_code(typed, explain(refusal), status=refusal.status)
    return web.Response(status=303, headers={"Location": f"/receipts/{payment.ntpn}"})


async def receipt(request: web.Request) -> web.Response:
    paid = money.with_ntpn(request.app[DB], request.match_info["ntpn"])
    if paid is None:
        raise web.HTTPNotFound
    bill = bills.with_code(request.app[DB], paid.billing_code)
    facts = bill_facts(bill) if bill else {"payer": "–", "description": "–"}
    values = {"title": "Pembayaran berhasil"} | facts | payment_facts(paid)
    return page(PAGES + "receipt.html", values)


def payment_facts(paid: Payment) -> dict[str, object]:
    reference, whose = ("NTP", "post") if paid.channel == "post" else ("NTB", "bank")
    return {
        "code": grouped(paid.billing_code),
        "ntpn": paid.ntpn,
        "reference": reference,
        "whose": whose,
        "ntb": paid.ntb,
        "amount": rupiah(paid.amount),
        "kind": screens.RECEIPTS[paid.channel],
        "channel": CHANNELS[paid.channel],
        "paid_at": in_words(paid.paid_at),
    }


def payable(app: web.Application, typed: str) -> Bill:
    return bills.payable(app[DB], digits(typed), at=now())


def digits(typed: str) -> str:
    return re.sub(r"[\s.-]", "", typed)


def is_code(typed: str) -> bool:
    return re.fullmatch("[0-9]{15}", digits(typed)) is not None


def ask_code(
    typed: str, fault: tuple[str, str] | None = None, *, status: int = 200
) -> web.Response:
    described = (
        'aria-invalid="true" aria-describedby="fault hint"' if fault else 'aria-describedby="hint"'
    )
    values = {
        "title": "Bayar kode billing",
        "typed": typed,
        "state_html": described,
        "fault_html": fault_box(fault),
    }
    return page(PAGES + "home.html", values, status=status)


def review_page(
    bill: Bill, typed: str, fault: tuple[str, str] | None = None, *, status: int = 200
) -> web.Response:
    options = "".join(channel_choice(code, label) for code, label in CHANNELS.items())
    lines = "".join(
        fill(PAGES + "line.html", description=line["description"], amount=rupiah(line["amount"]))
        for line in bill.lines
    )
    pieces = {"options_html": options, "lines_html": lines, "fault_html": fault_box(fault)}
    values = {"title": "Periksa tagihan", "typed": typed} | pieces | bill_facts(bill)
    return page(PAGES + "pay.html", values, status=status)


def channel_choice(code: str, label: str) -> str:
    checked = " checked" if code == next(iter(CHANNELS)) else ""
    return fill(PAGES + "channel.html", value=code, label=label, checked_html=checked)


def bill_facts(bill: Bill) -> dict[str, object]:
    return {
        "code": grouped(bill.billing_code),
        "payer": bill.payer_name,
        "amount": rupiah(bill.amount),
        "description": bill.description,
        "deadline": in_words(bill.expires_at),
    }


def grouped(code: str) -> str:
    return f"{code[:5]} {code[5:10]} {code[10:]}"


def fault_box(fault: tuple[str, str] | None) -> str:
    return fill(PAGES + "fault.html", indonesian=fault[0], english=fault[1]) if fault else ""


def explain(refusal: Unpayable) -> tuple[str, str]:
    bill = refusal.bill
    if bill is None:
        return (
            "Kode billing tidak ditemukan. Cocokkan dengan kode pada layar atau surat Anda.",
            "No bill has this code. Compare it with the code on your screen or letter.",
        )
    if bill.payments:
        paid_at = in_words(bill.payments[0].paid_at)
        return (
            f"Tagihan ini sudah dibayar pada {paid_at}. Tidak perlu membayar lagi.",
            "This bill is paid already.",
        )
    return (
        f"Batas waktu bayar sudah lewat ({in_words(bill.expires_at)}). "
        "Buat kode billing baru di layanan asalnya.",
        "The time to pay is over. Ask for a new code where you got this one.",
    )


def rupiah(amount: object) -> str:
    return f"Rp{amount:,}".replace(",", ".")
