"""The steps that people meet in each channel between the bill and the receipt.

Nothing is typed on the way but the code, so that nobody gives a real PIN to a simulation.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from simulators.pages import fill, page

PAGES = "simponi/pages/"


@dataclass(frozen=True)
class Screen:
    """What one step says; `shows` is `menu`, `pin` or `bill`, and `choice` what the button says."""

    title: str
    english: str
    text: str
    choice: str
    shows: str = ""


PIN = "Contoh: PIN sudah terisi. Jangan pernah mengetik PIN Anda di halaman simulasi."
CHECK = "Cocokkan nama dan jumlah dengan tagihan Anda."
SCREENS: Mapping[str, tuple[Screen, ...]] = {
    "mobile_banking": (
        Screen("Masuk ke aplikasi bank", "Open the bank's app", PIN, "Masuk", "pin"),
        Screen(
            *("Menu utama", "Main menu"),
            "Pilih Bayar, lalu Penerimaan Negara. Di beberapa bank namanya MPN atau Pajak.",
            *("Penerimaan Negara", "menu"),
        ),
        Screen("Periksa tagihan", "Check the bill", CHECK, "Benar, lanjut", "bill"),
        Screen("Masukkan PIN", "Enter the PIN", PIN, "Bayar", "pin"),
    ),
    "atm": (
        Screen(
            *("Masukkan kartu dan PIN", "Insert your card, enter the PIN"),
            *(PIN, "Benar", "pin"),
        ),
        Screen(
            *("Pilih transaksi", "Choose a transaction"),
            "Tekan Bayar/Beli, lalu Lainnya, lalu Penerimaan Negara (MPN).",
            *("Penerimaan Negara", "menu"),
        ),
        Screen("Apakah data ini benar?", "Is this right?", CHECK, "Benar, bayar", "bill"),
    ),
    "teller": (
        Screen(
            *("Ambil nomor antrean", "Take a number"),
            "Nomor Anda A012. Siapkan kode billing dan uang tunai, atau kartu ATM bank ini.",
            "Ke loket",
        ),
        Screen(
            *("Sebutkan kode billing", "Tell the code"),
            "Petugas membacakan nama dan jumlahnya. " + CHECK,
            *("Benar, lanjut", "bill"),
        ),
        Screen(
            *("Serahkan uang", "Hand over the money"),
            "Tunggu sampai petugas mencetak bukti. Simpan bukti itu.",
            "Serahkan uang",
        ),
    ),
    "post": (
        Screen(
            *("Datang ke loket kantor pos", "Go to the post office's counter"),
            "Katakan: bayar penerimaan negara, atau MPN. Siapkan kode billing dan uang tunai.",
            "Ke loket",
        ),
        Screen(
            *("Sebutkan kode billing", "Tell the code"),
            "Petugas membacakan nama dan jumlahnya. " + CHECK,
            *("Benar, lanjut", "bill"),
        ),
        Screen(
            *("Serahkan uang", "Hand over the money"),
            "Di kantor pos nomor buktinya bernama NTP. Simpan bukti yang dicetak petugas.",
            "Serahkan uang",
        ),
    ),
    "marketplace": (
        Screen(
            *("Tagihan", "Bills"),
            "Buka menu Tagihan, lalu pilih Penerimaan Negara.",
            *("Penerimaan Negara", "menu"),
        ),
        Screen("Periksa tagihan", "Check the bill", CHECK, "Benar, lanjut", "bill"),
        Screen(
            *("Pilih sumber dana", "Choose where the money comes from"),
            "Saldo lokapasar Anda cukup. Biaya layanan Rp0.",
            "Bayar dengan saldo",
        ),
    ),
}
RECEIPTS = {
    "mobile_banking": "Disimpan di menu Riwayat aplikasi bank.",
    "atm": "Struk ATM. Tinta struk cepat pudar: foto atau salin NTPN-nya.",
    "teller": "Dicetak dan dicap oleh petugas bank.",
    "post": "Dicetak dan dicap oleh petugas kantor pos.",
    "marketplace": "Dikirim juga ke akun lokapasar Anda.",
}
MENUS = {
    "mobile_banking": ("Transfer", "Bayar", "Isi ulang"),
    "atm": ("Tarik tunai", "Transfer", "Bayar/Beli", "Lainnya"),
    "marketplace": ("Listrik", "Air", "Pulsa"),
}


def screen(channel: str, step: str, code: str, bill: Mapping[str, object]) -> web.Response:
    screens = SCREENS[channel]
    number = int(step) if step in {str(place + 1) for place in range(len(screens))} else 1
    shown, last = screens[number - 1], number == len(screens)
    values: dict[str, object] = {
        "title": shown.title,
        "english": shown.english,
        "text": shown.text,
        "choice": shown.choice,
        "place": f"Langkah {number} dari {len(screens)}",
        "english_place": f"Step {number} of {len(screens)}",
        "channel": channel,
        "code": code,
        "action": "pay" if last else "steps",
        "method": "post" if last else "get",
        "next": number + 1,
        "middle_html": middle(shown.shows, channel, bill),
    }
    return page(PAGES + "screen.html", values)


def middle(shows: str, channel: str, bill: Mapping[str, object]) -> str:
    if shows == "pin":
        return fill(PAGES + "pin.html")
    if shows == "menu":
        entries = (fill(PAGES + "entry.html", entry=entry) for entry in MENUS[channel])
        return fill(PAGES + "menu.html", entries_html="".join(entries))
    return fill(PAGES + "check.html", **bill) if shows == "bill" else ""
