import re
from html import unescape

import pytest
import requests

from tests.simulators.gateway import get, issued, soon
from tests.simulators.running import Simponi, until

NOT_DIGITS = "Kode billing terdiri dari 15 angka. Periksa lagi lalu ketik ulang."
UNKNOWN = "Kode billing tidak ditemukan. Cocokkan dengan kode pada layar atau surat Anda."
CHANNELS = ["mobile_banking", "atm", "teller", "post", "marketplace"]


def open_page(simponi: Simponi, path: str, **query: str) -> requests.Response:
    return simponi.web.get(simponi.url + path, params=query, timeout=10)


def submit(simponi: Simponi, **form: str) -> requests.Response:
    return simponi.web.post(f"{simponi.url}/pay", data=form, timeout=10)


def flat(response: requests.Response) -> str:
    """The markup without the breaks of its source."""
    return re.sub(r"(?<=>)\s+|\s+(?=<)", "", re.sub(r"\s+", " ", response.text))


def alert(response: requests.Response) -> str:
    (message,) = re.findall('role="alert"><p>(.*?)</p>', flat(response))
    return unescape(message)


def typed(response: requests.Response) -> str:
    (value,) = re.findall('<input [^>]*name="code" value="(.*?)"', flat(response))
    return unescape(value)


def title(response: requests.Response) -> str:
    (text,) = re.findall("<h1>(.*?)</h1>", flat(response))
    return unescape(text)


def hidden(response: requests.Response) -> dict[str, str]:
    pairs = re.findall('<input type="hidden" name="(.*?)" value="(.*?)">', flat(response))
    return {name: unescape(value) for name, value in pairs}


def facts(response: requests.Response) -> dict[str, str]:
    pairs = re.findall("<dt>(.*?)<span.*?</dt><dd.*?>(.*?)<", flat(response))
    return {name: unescape(value) for name, value in pairs}


def grouped(code: str) -> str:
    return f"{code[:5]} {code[5:10]} {code[10:]}"


def test_home_asks_for_a_code_under_a_strict_policy(simponi: Simponi) -> None:
    response = open_page(simponi, "/")
    assert (response.status_code, typed(response)) == (200, "")
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert re.findall("<script|style=| on[a-z]+=", response.text) == []
    assert response.text.count("Simulation – nothing here is real.") == 1


@pytest.mark.parametrize("written", ["{0}", "  {0} ", "{1}", "{2}"])
def test_review_shows_payer_amount_deadline_and_channels(simponi: Simponi, written: str) -> None:
    bill = issued(simponi, expires_at="2099-11-03T14:05:00+07:00")
    code = bill["billing_code"]
    response = open_page(
        simponi, "/pay", code=written.format(code, grouped(code), grouped(code).replace(" ", "-"))
    )
    assert response.status_code == 200
    assert facts(response) == {
        "Kode billing": grouped(code),
        "Nama": "NYI AGENG SERANG, R.A.",
        "Untuk": "Paspor elektronik 5 tahun, percepatan",
        "Jumlah": "Rp1.650.000",
        "Bayar sebelum": "Selasa, 3 November 2099 pukul 14.05.00 WIB",
    }
    assert re.findall('name="channel" value="(.*?)"', response.text) == CHANNELS
    assert re.findall("<li><span>(.*?)</span><span>(.*?)</span>", flat(response)) == [
        ("Paspor elektronik 5 tahun", "Rp650.000"),
        ("Layanan percepatan", "Rp1.000.000"),
    ]


@pytest.mark.parametrize("channel", CHANNELS)
def test_pay_shows_the_receipt_and_the_gateway_knows(simponi: Simponi, channel: str) -> None:
    bill = issued(simponi)
    response = submit(simponi, code=bill["billing_code"], channel=channel)
    (payment,) = get(simponi, f"/v1/bills/{bill['billing_code']}").json()["payments"]
    shown = facts(response)
    assert response.url == f"{simponi.url}/receipts/{payment['ntpn']}"
    reference = "NTP" if channel == "post" else "NTB"
    assert (shown["NTPN"], shown[reference], shown["Jumlah"]) == (
        payment["ntpn"],
        payment["ntb"],
        "Rp1.650.000",
    )
    assert payment["channel"] == channel


@pytest.mark.parametrize(
    ("channel", "titles"),
    [
        (
            "mobile_banking",
            ["Masuk ke aplikasi bank", "Menu utama", "Periksa tagihan", "Masukkan PIN"],
        ),
        ("atm", ["Masukkan kartu dan PIN", "Pilih transaksi", "Apakah data ini benar?"]),
        ("teller", ["Ambil nomor antrean", "Sebutkan kode billing", "Serahkan uang"]),
        ("post", ["Datang ke loket kantor pos", "Sebutkan kode billing", "Serahkan uang"]),
        ("marketplace", ["Tagihan", "Periksa tagihan", "Pilih sumber dana"]),
    ],
)
def test_channel_leads_step_by_step_to_the_receipt(
    simponi: Simponi, channel: str, titles: list[str]
) -> None:
    code = issued(simponi)["billing_code"]
    response = open_page(simponi, "/steps", code=grouped(code), channel=channel)
    seen = [title(response)]
    while 'action="steps"' in response.text:
        assert get(simponi, f"/v1/bills/{code}").json()["status"] == "ISSUED"
        response = open_page(simponi, "/steps", **hidden(response))
        seen.append(title(response))
    assert seen == titles
    assert 'action="pay" method="post"' in response.text
    paid = submit(simponi, **hidden(response))
    (payment,) = get(simponi, f"/v1/bills/{code}").json()["payments"]
    assert (title(paid), facts(paid)["NTPN"]) == ("Pembayaran berhasil", payment["ntpn"])
    assert payment["channel"] == channel


def test_channel_shows_the_bill_before_the_money_goes(simponi: Simponi) -> None:
    code = issued(simponi)["billing_code"]
    shown = facts(open_page(simponi, "/steps", code=code, channel="atm", step="3"))
    assert (shown["Kode billing"], shown["Nama"], shown["Jumlah"]) == (
        grouped(code),
        "NYI AGENG SERANG, R.A.",
        "Rp1.650.000",
    )


@pytest.mark.parametrize("step", ["0", "99", "-1", "x", "³", ""])
def test_step_that_is_none_is_the_first(simponi: Simponi, step: str) -> None:
    code = issued(simponi)["billing_code"]
    response = open_page(simponi, "/steps", code=code, channel="atm", step=step)
    assert (response.status_code, title(response)) == (200, "Masukkan kartu dan PIN")


@pytest.mark.parametrize(
    ("code", "status", "message"), [("12", 422, NOT_DIGITS), ("123456789012345", 404, UNKNOWN)]
)
def test_step_with_a_wrong_code_asks_for_it_again(
    simponi: Simponi, code: str, status: int, message: str
) -> None:
    response = open_page(simponi, "/steps", code=code, channel="atm")
    assert (response.status_code, alert(response), typed(response)) == (status, message, code)


def test_step_of_no_channel_asks_for_one(simponi: Simponi) -> None:
    response = open_page(simponi, "/steps", code=issued(simponi)["billing_code"], channel="cash")
    assert (response.status_code, alert(response)) == (422, "Pilih dulu cara membayar.")


@pytest.mark.parametrize(
    ("code", "status", "message"),
    [
        ("", 422, NOT_DIGITS),
        ("12345", 422, NOT_DIGITS),
        ("82O123456789012", 422, NOT_DIGITS),
        ("١٢٣٤٥٦٧٨٩٠١٢٣٤٥", 422, NOT_DIGITS),
        ("<b>\"'&$typed", 422, NOT_DIGITS),
        ("1234567890123456", 422, NOT_DIGITS),
        ("123 456 789 012 345", 404, UNKNOWN),
    ],
)
def test_wrong_code_says_what_is_wrong_and_keeps_what_was_typed(
    simponi: Simponi, code: str, status: int, message: str
) -> None:
    for response in (
        open_page(simponi, "/pay", code=code),
        submit(simponi, code=code, channel="atm"),
    ):
        assert (response.status_code, alert(response), typed(response)) == (status, message, code)


def test_pay_twice_says_paid_already_and_takes_no_more_money(simponi: Simponi) -> None:
    code = issued(simponi)["billing_code"]
    simponi.pay(code)
    for response in (
        open_page(simponi, "/pay", code=code),
        submit(simponi, code=code, channel="atm"),
    ):
        assert (response.status_code, typed(response)) == (409, code)
        assert alert(response).startswith("Tagihan ini sudah dibayar pada ")
    assert len(get(simponi, f"/v1/bills/{code}").json()["payments"]) == 1


def test_pay_expired_says_the_time_is_over_and_takes_no_money(simponi: Simponi) -> None:
    code = issued(simponi, expires_at=soon(1.5))["billing_code"]
    until(
        lambda: open_page(simponi, "/pay", code=code).status_code == 410,
        seconds=20,
        what="the bill to expire",
    )
    response = submit(simponi, code=code, channel="atm")
    assert (response.status_code, typed(response)) == (410, code)
    assert alert(response).startswith("Batas waktu bayar sudah lewat (")
    shown = get(simponi, f"/v1/bills/{code}").json()
    assert (shown["status"], shown["payments"]) == ("EXPIRED", [])


@pytest.mark.parametrize("form", [{}, {"channel": ""}, {"channel": "cash"}])
def test_pay_without_a_channel_asks_for_one_and_takes_no_money(
    simponi: Simponi, form: dict[str, str]
) -> None:
    code = issued(simponi)["billing_code"]
    response = submit(simponi, code=code, **form)
    assert (response.status_code, alert(response)) == (422, "Pilih dulu cara membayar.")
    assert facts(response)["Kode billing"] == grouped(code)
    assert get(simponi, f"/v1/bills/{code}").json()["status"] == "ISSUED"


def test_pay_shows_names_and_texts_as_text(simponi: Simponi) -> None:
    bill = issued(simponi, description="<script>alert(1)</script> $amount & Co.")
    response = open_page(simponi, "/pay", code=bill["billing_code"])
    assert facts(response)["Untuk"] == "<script>alert(1)</script> $amount & Co."
    assert "<script" not in response.text


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"code=%FF%00", b"=&=&code"])
def test_pay_with_a_broken_form_asks_for_the_code(simponi: Simponi, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"}
    response = simponi.web.post(f"{simponi.url}/pay", data=body, headers=headers, timeout=10)
    assert (response.status_code, alert(response)) == (422, NOT_DIGITS)


@pytest.mark.parametrize("path", ["/receipts/AAAAAAAAAAAAAAAA", "/receipts/%FF", "/nowhere"])
def test_page_that_is_not_there_is_a_plain_404(simponi: Simponi, path: str) -> None:
    response = open_page(simponi, path)
    assert (response.status_code, response.headers["Content-Type"]) == (
        404,
        "text/html; charset=utf-8",
    )


@pytest.mark.parametrize("path", ["/style.css", "/icon.svg", "/healthz"])
def test_file_is_served(simponi: Simponi, path: str) -> None:
    assert open_page(simponi, path).status_code == 200


def test_pay_by_script_answers_like_the_bank(simponi: Simponi) -> None:
    code = issued(simponi)["billing_code"]
    late = issued(simponi, expires_at=soon(1.5))["billing_code"]
    until(
        lambda: open_page(simponi, "/pay", code=late).status_code == 410,
        seconds=20,
        what="the bill to expire",
    )
    answers = [
        simponi.web.post(
            f"{simponi.url}/v1/pay", json={"billing_code": tried, "channel": "post"}, timeout=10
        )
        for tried in (code, code, "123456789012345", late)
    ]
    assert [answer.status_code for answer in answers] == [200, 409, 404, 410]
    assert [answer.json()["code"] for answer in answers[1:]] == [
        "already-paid",
        "unknown-bill",
        "expired",
    ]
    assert (answers[0].json()["billing_code"], answers[0].json()["status"]) == (code, "PAID")


@pytest.mark.parametrize(
    ("field", "value"),
    [("billing_code", value) for value in [None, 123456789012345, "", "12", ["1"], "1" * 16]]
    + [("channel", value) for value in [None, 1, "", "cash", ["atm"]]],
)
def test_pay_by_script_bad_field_answers_422(simponi: Simponi, field: str, value: object) -> None:
    body = {"billing_code": "123456789012345", "channel": "atm"} | {field: value}
    response = simponi.web.post(f"{simponi.url}/v1/pay", json=body, timeout=10)
    assert (response.status_code, [error["pointer"] for error in response.json()["errors"]]) == (
        422,
        [f"/{field}"],
    )
