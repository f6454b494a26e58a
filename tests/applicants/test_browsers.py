import pytest

from applicants.browsers import read_browser

ANDROID = "Mozilla/5.0 (Linux; Android 14; SM-A145F) AppleWebKit/537.36 (KHTML, like Gecko) "
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("user_agent", "read"),
    [
        (f"{ANDROID}Chrome/131.0.0.0 Mobile Safari/537.36", ("phone", "Chrome", "Android")),
        (f"{ANDROID}Chrome/131.0.0.0 Safari/537.36", ("tablet", "Chrome", "Android")),
        (
            f"{ANDROID}SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
            ("phone", "Samsung Internet", "Android"),
        ),
        (
            "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0",
            ("phone", "Firefox", "Android"),
        ),
        (f"{IPHONE}Version/18.0 Mobile/15E148 Safari/604.1", ("phone", "Safari", "iPhone")),
        (f"{IPHONE}CriOS/131.0 Mobile/15E148 Safari/604.1", ("phone", "Chrome", "iPhone")),
        (f"{WINDOWS}Chrome/131.0.0.0 Safari/537.36", ("computer", "Chrome", "Windows")),
        (
            f"{WINDOWS}Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
            ("computer", "Edge", "Windows"),
        ),
        (f"{WINDOWS}Chrome/130.0.0.0 Safari/537.36 OPR/115", ("computer", "Opera", "Windows")),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
            ("computer", "Firefox", "Linux"),
        ),
        ("curl/8.5", ("", "", "")),
        ("", ("", "", "")),
        ("\x00\u202e" + "x" * 10_000, ("", "", "")),
    ],
)
def test_read_browser_says_what_a_person_would(user_agent: str, read: tuple[str, str, str]) -> None:
    assert read_browser(user_agent) == read
