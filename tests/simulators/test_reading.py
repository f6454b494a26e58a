"""What people and tests read: pages and messages.json."""

import re
from html import unescape

import pytest
import requests

from tests.simulators.running import Inbox
from tests.simulators.test_inbox import deliver, deliver_raw, mail, send, sms

ICS = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


def open_page(inbox: Inbox, path: str, **query: str) -> requests.Response:
    return inbox.web.get(inbox.url + path, params=query, timeout=10)


def titles(response: requests.Response) -> list[str]:
    return [
        unescape(title)
        for title in re.findall('<a href="/messages/[0-9]+">(.*?)</a>', response.text)
    ]


def body_text(response: requests.Response) -> str:
    (text,) = re.findall('<pre class="card text">(.*?)</pre>', response.text, re.DOTALL)
    return str(text)


def test_listing_newest_first_found_by_part_of_the_recipient(inbox: Inbox) -> None:
    deliver(inbox, mail("first@list.example"))
    send(inbox, sms("list-1", to="+6281999000111", text="Baris satu\nBaris dua"))
    second = mail("Second@List.example", "\n\n<b>isi</b>\n")
    second.replace_header("Subject", "<i>Kedua</i>")
    deliver(inbox, second)
    assert titles(open_page(inbox, "/"))[:3] == ["<i>Kedua</i>", "SMS", "Kode masuk – ärlig"]
    assert titles(open_page(inbox, "/", to="@list.EXAMPLE")) == [
        "<i>Kedua</i>",
        "Kode masuk – ärlig",
    ]
    phone = open_page(inbox, "/", to="81999000111")
    assert re.findall("<p>(Baris.*?)</p>", phone.text) == ["Baris satu"]
    assert "&lt;b&gt;isi&lt;/b&gt;" in open_page(inbox, "/", to="second@").text


def test_listing_of_nobody_is_empty_and_keeps_what_was_typed(inbox: Inbox) -> None:
    response = open_page(inbox, "/", to='"><b>%FF')
    assert (response.status_code, titles(response)) == (200, [])
    assert "Belum ada pesan." in response.text
    assert re.findall(r'name="to"\s+value="(.*?)"', response.text) == ["&quot;&gt;&lt;b&gt;%FF"]


def test_json_plus_in_the_query_is_understood_encoded_or_not(inbox: Inbox) -> None:
    send(inbox, sms("json-1", to="+6281999000222"))
    answers = [
        inbox.web.get(f"{inbox.url}/messages.json?to={to}6281999000222", timeout=10)
        for to in ("+", "%2B")
    ]
    assert [[row["reference"] for row in answer.json()] for answer in answers] == [
        ["json-1"],
        ["json-1"],
    ]


def test_json_since_gives_only_later_messages_newest_first(inbox: Inbox) -> None:
    to = "+6281999000333"
    numbers = [send(inbox, sms(f"since-{n}", to=to)).json()["id"] for n in range(3)]
    assert [row["id"] for row in inbox.messages(to)] == numbers[::-1]
    assert [row["id"] for row in inbox.messages(to, since=numbers[0])] == numbers[:0:-1]
    assert inbox.messages(to, since=numbers[2]) == []


def test_json_recipient_is_exact_but_for_case(inbox: Inbox) -> None:
    deliver(inbox, mail("exact@example.id"))
    found = [
        len(inbox.messages(to))
        for to in ("EXACT@example.id", " exact@example.id ", "act@example.id")
    ]
    assert found == [1, 1, 0]


@pytest.mark.parametrize("since", ["x", "-1", "1.5", "9" * 30, "", "%FF", "١"])
def test_json_bad_since_answers_422(inbox: Inbox, since: str) -> None:
    response = open_page(inbox, "/messages.json", since=since)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/since")


def test_message_shows_text_with_links_and_never_html(inbox: Inbox) -> None:
    deliver(
        inbox,
        mail(
            "links@example.id", "<script>x()</script> https://a.example/b?c=1&d=2. javascript:x()\n"
        ),
    )
    (kept,) = inbox.messages("links@example.id")
    response = open_page(inbox, f"/messages/{kept['id']}")
    address = "https://a.example/b?c=1&amp;d=2"
    link = f'<a href="{address}" rel="noreferrer">{address}</a>'
    assert body_text(response) == f"&lt;script&gt;x()&lt;/script&gt; {link}. javascript:x()\n"
    assert "<script" not in response.text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_attachment_can_be_downloaded_and_never_opens_in_the_page(inbox: Inbox) -> None:
    message = mail("files@example.id")
    message.add_attachment(ICS, maintype="text", subtype="calendar", filename='jadwal "ä".ics')
    message.add_attachment("<script>x()</script>\n", subtype="html", filename="../x.html")
    deliver(inbox, message)
    (kept,) = inbox.messages("files@example.id")
    facts = [(file["name"], file["type"], file["size"]) for file in kept["attachments"]]
    assert facts == [('jadwal "ä".ics', "text/calendar", len(ICS)), ("../x.html", "text/html", 22)]
    calendar, page = [open_page(inbox, file["path"]) for file in kept["attachments"]]
    assert (calendar.content, calendar.headers["Content-Type"]) == (ICS, "text/calendar")
    assert calendar.headers["Content-Disposition"] == 'attachment; filename="jadwal____.ics"'
    assert page.headers["Content-Disposition"] == 'attachment; filename=".._x.html"'
    assert (page.headers["Content-Security-Policy"], page.headers["X-Content-Type-Options"]) == (
        "sandbox",
        "nosniff",
    )


@pytest.mark.parametrize("kind", ["x/y\tz", "text/\xe9", "nonsense", "a/b/c"])
def test_attachment_of_a_strange_type_is_still_downloaded(inbox: Inbox, kind: str) -> None:
    to = f"strange-{kind.encode().hex()}@example.id"
    head = "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nteks\r\n--x\r\n"
    file_head = f"Content-Type: {kind}\r\nContent-Disposition: attachment\r\n\r\n"
    deliver_raw(inbox, to, f"{head}{file_head}isi\r\n--x--\r\n".encode())
    (file,) = inbox.messages(to)[0]["attachments"]
    assert open_page(inbox, file["path"]).content == b"isi"


@pytest.mark.parametrize(
    "path",
    [
        "/messages/999999",
        "/messages/x",
        f"/messages/{'9' * 30}",
        "/messages/١",
        "/messages/1/attachments/99",
    ],
)
def test_message_that_is_not_there_is_a_plain_404(inbox: Inbox, path: str) -> None:
    assert open_page(inbox, path).status_code == 404
