import json
import re
from datetime import datetime, timedelta

import pytest

from tests.simulators.gateway import ask, get, issued, order, pointers, post, soon
from tests.simulators.running import Simponi, until

LINE = {"code": "EPASSPORT-5", "description": "Paspor", "amount": 650_000}
NOT_TEXT: list[object] = [
    None,
    7,
    ["x"],
    {"a": 1},
    "",
    " ",
    "x" * 201,
    " " * 200 + "x",
    "\ud800",
    "a\x00b",
]
BAD: dict[str, list[object]] = {
    "request_key": [*NOT_TEXT, "a b", "é", "x" * 101],
    "payer_name": [
        None,
        7,
        ["A"],
        "",
        "\ud800",
        "A\x00",
        "Budi",
        "D'ARTAGNAN",
        "A" * 61,
        "BUDI\n",
        "ÉMILE",
    ],
    "amount": [None, 0, -1, 1.5, "650000", True, 10**12, 10**30],
    "description": NOT_TEXT,
    "expires_at": [
        *[
            None,
            7,
            "",
            "\ud800",
            "tomorrow",
            "2099-01-01",
            "2099-01-01T00:00:00",
            "2099-02-30T00:00:00Z",
        ],
        *["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2020-01-01T00:00:00Z"],
    ],
    "lines": [None, "x", {}, [LINE], [LINE] * 21],
}


def test_create_bill_new_key_answers_201_with_the_bill(simponi: Simponi) -> None:
    sent = order(expires_at="2099-11-03T14:05:00+09:00")
    response = ask(simponi, sent)
    bill = response.json()
    assert response.status_code == 201
    assert re.fullmatch("[1-9][0-9]{14}", bill.pop("billing_code"))
    assert datetime.now().astimezone() - datetime.fromisoformat(bill.pop("issued_at")) < timedelta(
        minutes=1
    )
    assert bill == sent | {
        "status": "ISSUED",
        "expires_at": "2099-11-03T12:05:00+07:00",
        "payments": [],
    }


def test_create_bill_same_key_answers_200_with_the_same_bill(simponi: Simponi) -> None:
    sent = order()
    first, second = ask(simponi, sent), ask(simponi, sent | {"payer_name": "SOMEBODY ELSE"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()


def test_create_bill_same_key_after_the_deadline_answers_200_expired(simponi: Simponi) -> None:
    sent = order(expires_at=soon(1.5))
    ask(simponi, sent)
    until(
        lambda: ask(simponi, sent).json()["status"] == "EXPIRED",
        seconds=20,
        what="the bill to expire",
    )
    assert ask(simponi, sent).status_code == 200


def test_create_bill_same_key_other_amount_answers_409_and_changes_nothing(
    simponi: Simponi,
) -> None:
    bill = issued(simponi)
    response = ask(simponi, order(request_key=bill["request_key"], amount=1, lines=[]))
    assert (response.status_code, response.json()["code"]) == (409, "amount-differs")
    assert get(simponi, f"/v1/bills/{bill['billing_code']}").json() == bill


@pytest.mark.parametrize("lines", [[], None])
def test_create_bill_without_lines_is_accepted(
    simponi: Simponi, lines: list[object] | None
) -> None:
    body = order()
    del body["lines"]
    response = ask(simponi, body if lines is None else body | {"lines": lines})
    assert (response.status_code, response.json()["lines"]) == (201, [])


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in BAD.items() for value in values]
)
def test_create_bill_bad_field_answers_422_naming_it_and_keeps_nothing(
    simponi: Simponi, field: str, value: object
) -> None:
    sent = order() | {field: value}
    response = ask(simponi, sent)
    kind = response.headers["Content-Type"].partition(";")[0]
    assert (response.status_code, kind, pointers(response)) == (
        422,
        "application/problem+json",
        [f"/{field}"],
    )
    if field != "request_key":
        assert get(simponi, f"/v1/bills?request_key={sent['request_key']}").status_code == 404


def test_create_bill_bad_line_answers_422_naming_its_fields(simponi: Simponi) -> None:
    response = ask(simponi, order(lines=[LINE, {"code": "a b", "amount": "1"}, "x"]))
    second = ["/lines/1/code", "/lines/1/description", "/lines/1/amount"]
    assert response.status_code == 422
    assert pointers(response) == [
        *second,
        "/lines/2/code",
        "/lines/2/description",
        "/lines/2/amount",
    ]


def test_create_bill_empty_object_names_every_needed_field(simponi: Simponi) -> None:
    named = pointers(ask(simponi, {}))
    assert named == ["/request_key", "/payer_name", "/amount", "/description", "/expires_at"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"\xff\xfe\x00", b"[" * 100_000, b"9" * 5000, b"a=1&b=2"],
    ids=["empty", "cut", "list", "text", "bytes", "deep", "long", "form"],
)
@pytest.mark.parametrize("path", ["/v1/bills", "/v1/inquiries", "/v1/pay", "/control"])
def test_post_without_a_json_object_answers_400(simponi: Simponi, path: str, body: bytes) -> None:
    response = simponi.web.post(
        simponi.url + path, data=body, headers=simponi.headers(), timeout=10
    )
    assert (response.status_code, response.json()["code"]) == (400, "not-json")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e3", "650000.0", "9" * 4000])
def test_create_bill_amount_that_is_no_whole_number_answers_422(
    simponi: Simponi, number: str
) -> None:
    body = json.dumps(order(lines=[])).replace("1650000", number)
    response = simponi.web.post(
        f"{simponi.url}/v1/bills", data=body, headers=simponi.headers(), timeout=10
    )
    assert (response.status_code, pointers(response)) == (422, ["/amount"])


def test_post_too_large_answers_413(simponi: Simponi) -> None:
    response = ask(simponi, order(description="x" * 2_000_000))
    assert (response.status_code, response.json()["status"]) == (413, 413)


def test_post_broken_compression_answers_4xx(simponi: Simponi) -> None:
    headers = simponi.headers() | {"Content-Encoding": "gzip"}
    response = simponi.web.post(
        f"{simponi.url}/v1/bills", data=b"not gzip", headers=headers, timeout=10
    )
    assert response.status_code == 400


@pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer wrong", "Basic abc", b"Bearer \xff"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/bills"),
        ("GET", "/v1/bills/123456789012345"),
        ("GET", "/v1/bills?request_key=a"),
        ("POST", "/v1/inquiries"),
    ],
)
def test_api_wrong_key_answers_401(
    simponi: Simponi, method: str, path: str, sent: str | bytes | None
) -> None:
    headers = {} if sent is None else {"Authorization": sent}
    response = simponi.web.request(method, simponi.url + path, json={}, headers=headers, timeout=10)
    assert (response.status_code, response.json()["code"]) == (401, "unauthorised")


def test_show_bill_by_code_and_by_key_is_the_same(simponi: Simponi) -> None:
    bill = issued(simponi)
    assert get(simponi, f"/v1/bills/{bill['billing_code']}").json() == bill
    assert get(simponi, f"/v1/bills?request_key={bill['request_key']}").json() == bill


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/bills/123456789012345", 404),
        ("/v1/bills/x", 404),
        ("/v1/bills/%FF%00", 404),
        ("/v1/bills/", 404),
        ("/v1/bills?request_key=nobody", 404),
        ("/v1/bills", 422),
        ("/v1/bills?request_key=", 422),
        ("/v1/bills?request_key=%FF", 422),
        ("/v1/inquiries", 405),
        ("/v1/nothing", 404),
    ],
)
def test_show_bill_unknown_answers_problem(simponi: Simponi, path: str, status: int) -> None:
    response = get(simponi, path)
    assert (response.status_code, response.json()["status"]) == (status, status)


def test_show_bill_after_payment_is_paid_with_the_payment(simponi: Simponi) -> None:
    bill = issued(simponi)
    receipt = simponi.pay(bill["billing_code"], "atm")
    payment = {name: receipt[name] for name in ("ntpn", "ntb", "amount", "channel", "paid_at")}
    shown = get(simponi, f"/v1/bills/{bill['billing_code']}").json()
    assert shown == bill | {"status": "PAID", "payments": [payment]}
    assert re.fullmatch("[A-Z0-9]{16}", payment["ntpn"])
    assert re.fullmatch("[0-9]{12}", payment["ntb"])
    assert (payment["amount"], payment["channel"]) == (bill["amount"], "atm")
    assert datetime.fromisoformat(payment["paid_at"]).utcoffset() == timedelta(hours=7)


def test_inquire_many_answers_in_the_order_asked_and_names_the_unknown(simponi: Simponi) -> None:
    paid, open_bill = issued(simponi), issued(simponi)
    simponi.pay(paid["billing_code"])
    codes = [
        open_bill["billing_code"],
        "100000000000000",
        paid["billing_code"],
        open_bill["billing_code"],
    ]
    answer = post(simponi, "/v1/inquiries", {"billing_codes": codes}).json()
    assert [(bill["billing_code"], bill["status"]) for bill in answer["bills"]] == [
        (codes[0], "ISSUED"),
        (codes[2], "PAID"),
    ]
    assert answer["unknown"] == ["100000000000000"]


@pytest.mark.parametrize("number", [0, 1, 500])
def test_inquire_up_to_500_is_answered(simponi: Simponi, number: int) -> None:
    codes = [str(10**14 + index) for index in range(number)]
    answer = post(simponi, "/v1/inquiries", {"billing_codes": codes})
    assert (answer.status_code, answer.json()) == (200, {"bills": [], "unknown": codes})


@pytest.mark.parametrize(
    "codes", [None, "x", {}, [1], [None], ["12"], ["12345678901234x"], ["\ud800"], ["1" * 15] * 501]
)
def test_inquire_bad_list_answers_422(simponi: Simponi, codes: object) -> None:
    response = post(simponi, "/v1/inquiries", {"billing_codes": codes})
    assert (response.status_code, pointers(response)) == (422, ["/billing_codes"])
