"""What comes in: mail over SMTP, messages over HTTP."""

import smtplib
from email.message import EmailMessage

import pytest
import requests

from tests.simulators.running import Inbox

TO = "+6281234567890"
NO_FAULTS = {"sms_fail": "none", "whatsapp_fail": "none"}


def send(inbox: Inbox, body: object, timeout: float = 10, **headers: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {inbox.key}"} | headers
    return inbox.web.post(f"{inbox.url}/v1/messages", json=body, headers=headers, timeout=timeout)


def sms(key: str, **changes: object) -> dict[str, object]:
    return {"to": TO, "text": "Kode Anda 123456. 🙏", "reference": key} | changes


def mail(to: str, text: str = "Kode: 654321\nJangan diberikan.\n") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "layanan@mpaspor.example", to
    message["Subject"] = "Kode masuk – ärlig"
    message.set_content(text)
    return message


def deliver(inbox: Inbox, message: EmailMessage, *recipients: str) -> None:
    with smtplib.SMTP("127.0.0.1", inbox.smtp_port, timeout=10) as server:
        server.send_message(message, to_addrs=list(recipients) or None)


def deliver_raw(inbox: Inbox, recipient: str, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", inbox.smtp_port, timeout=10) as server:
        server.sendmail("a@mpaspor.example", [recipient], raw)


def test_sms_new_reference_answers_201_and_is_kept(inbox: Inbox) -> None:
    response = send(inbox, sms("sms-1"))
    (message,) = [row for row in inbox.messages(TO) if row["reference"] == "sms-1"]
    assert (response.status_code, response.json()) == (201, {"id": message["id"]})
    assert (message["kind"], message["to"], message["text"]) == ("sms", TO, "Kode Anda 123456. 🙏")
    assert message["received_at"].endswith("+07:00")


def test_sms_same_reference_answers_200_same_id_and_is_kept_once(inbox: Inbox) -> None:
    answers = [send(inbox, sms("sms-2", text=text)) for text in ("one", "two")]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert [row["text"] for row in inbox.messages(TO) if row["reference"] == "sms-2"] == ["one"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[
            ("to", value)
            for value in [
                None,
                1,
                "",
                "081234567890",
                "+62 812",
                "+0812345678",
                "+6281234567890123",
            ]
        ],
        *[("text", value) for value in [None, 1, "", "  ", "x" * 1001, "\ud800", "a\x00b"]],
        *[("reference", value) for value in [None, 1, "", "a b", "x" * 101]],
    ],
)
def test_sms_bad_field_answers_422_and_keeps_nothing(
    inbox: Inbox, field: str, value: object
) -> None:
    before = inbox.messages()
    response = send(inbox, sms("sms-bad", **{field: value}))
    pointers = [error["pointer"] for error in response.json()["errors"]]
    assert (response.status_code, pointers, inbox.messages()) == (422, [f"/{field}"], before)


@pytest.mark.parametrize("sent", ["", "Bearer wrong"])
def test_sms_wrong_key_answers_401(inbox: Inbox, sent: str) -> None:
    assert send(inbox, sms("sms-3"), Authorization=sent).status_code == 401


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
@pytest.mark.parametrize("path", ["/v1/messages", "/control"])
def test_post_without_a_json_object_answers_400(inbox: Inbox, path: str, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {inbox.key}"}
    response = inbox.web.post(inbox.url + path, data=body, headers=headers, timeout=10)
    assert (response.status_code, response.json()["code"]) == (400, "not-json")


def test_sms_fail_500_keeps_nothing_until_reset(inbox: Inbox) -> None:
    assert inbox.control(sms_fail="500") == NO_FAULTS | {"sms_fail": "500"}
    assert send(inbox, sms("sms-4")).status_code == 500
    assert inbox.reset() == NO_FAULTS
    assert send(inbox, sms("sms-4")).status_code == 201


def test_sms_fail_timeout_never_answers_and_keeps_nothing(inbox: Inbox) -> None:
    inbox.control(sms_fail="timeout")
    with pytest.raises(requests.ReadTimeout):
        send(inbox, sms("sms-5"), timeout=0.5)
    inbox.control(sms_fail="none")
    assert send(inbox, sms("sms-5")).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"sms_fail": "boom"},
        {"sms_fail": "not_on_whatsapp"},
        {"whatsapp_fail": None},
        {"sms_fail": "500", "x": 1},
    ],
)
def test_control_bad_setting_answers_422_and_changes_nothing(
    inbox: Inbox, body: dict[str, object]
) -> None:
    response = inbox.web.post(f"{inbox.url}/control", json=body, timeout=10)
    now = inbox.web.get(f"{inbox.url}/control", timeout=10).json()
    assert (response.status_code, now) == (422, NO_FAULTS)


def test_mail_is_kept_with_subject_and_text(inbox: Inbox) -> None:
    deliver(inbox, mail("siti@example.id"))
    (message,) = inbox.messages("siti@example.id")
    del message["id"], message["received_at"]
    assert message == {
        "kind": "mail",
        "to": "siti@example.id",
        "from": "layanan@mpaspor.example",
        "subject": "Kode masuk – ärlig",
        "text": "Kode: 654321\nJangan diberikan.\n",
        "reference": None,
        "attachments": [],
    }


def test_mail_to_three_is_kept_for_each(inbox: Inbox) -> None:
    people = ["a@three.example", "b@three.example", "c@three.example"]
    deliver(inbox, mail("hidden@three.example"), *people)
    assert [len(inbox.messages(person)) for person in [*people, "hidden@three.example"]] == [
        1,
        1,
        1,
        0,
    ]


def test_mail_with_html_shows_the_plain_part(inbox: Inbox) -> None:
    message = mail("both@example.id", "Biasa\n")
    message.add_alternative("<p onclick='x()'>Kaya</p>", subtype="html")
    deliver(inbox, message)
    (kept,) = inbox.messages("both@example.id")
    assert kept["text"] == "Biasa\n"
    assert [(file["name"], file["type"]) for file in kept["attachments"]] == [
        ("0.html", "text/html")
    ]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        (b"\r\n", ""),
        (b"no header at all", "no header at all\n"),
        (b"Content-Type: text/plain; charset=nonsense\n\nhalo \xc3\xa9\r\n", "halo é\n"),
        (b"Content-Type: text/plain; charset=utf-8\n\nhalo \xff\r\n", "halo \ufffd\n"),
        (b"Content-Type: text/html\n\n<b>x</b>\n", "(tanpa teks biasa / no plain text)"),
        (
            b"Content-Type: multipart/mixed; boundary=x\n\nbroken",
            "(tanpa teks biasa / no plain text)",
        ),
        (b"Content-Transfer-Encoding: base64\n\n!!!!\n", None),
        (b"Content-Type: text/plain; charset*=x''%\nSubject: =?x?b?\xff?=\n\nodd\n", None),
        (b"Subject: a\x00b\n\nnul\x00\r\n", "nul\n"),
    ],
)
def test_mail_malformed_is_kept_and_can_be_read(inbox: Inbox, raw: bytes, text: str | None) -> None:
    last = max((row["id"] for row in inbox.messages()), default=0)
    deliver_raw(inbox, "odd@example.id", raw)
    (kept,) = inbox.messages("odd@example.id", since=last)
    page = inbox.web.get(f"{inbox.url}/messages/{kept['id']}", timeout=10)
    assert page.status_code == 200
    assert text is None or kept["text"] == text


def test_mail_too_large_is_refused_and_the_server_goes_on(inbox: Inbox) -> None:
    with pytest.raises(smtplib.SMTPException):
        deliver_raw(inbox, "large@example.id", b"x" * 70 + b"\n" + (b"y" * 70 + b"\n") * 600_000)
    deliver(inbox, mail("large@example.id"))
    assert len(inbox.messages("large@example.id")) == 1
