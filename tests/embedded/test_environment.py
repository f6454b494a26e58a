import pytest

from mpaspor.embedded.environment import BadPort, defaults
from mpaspor.embedded.home import Home


def test_addresses_of_a_port_follow_it_one_by_one(home: Home) -> None:
    made = defaults(home, {"PORT": "9000"})
    assert made["BASE_URL"] == "http://127.0.0.1:9000"
    assert made["SIMPONI_URL"] == "http://127.0.0.1:9001"
    assert made["SMS_URL"] == "http://127.0.0.1:9002"
    assert made["WHATSAPP_URL"] == "http://127.0.0.1:9002/whatsapp"
    assert made["EMAIL_PORT"] == "9003"
    assert made["DUKCAPIL_URL"] == "http://127.0.0.1:9004"


def test_port_not_given_is_8000(home: Home) -> None:
    assert defaults(home, {})["BASE_URL"] == "http://127.0.0.1:8000"


@pytest.mark.parametrize("port", ["web", "0", "65532", "-1", "80.5", "٨٠٠٠"])
def test_port_without_sense_is_refused_with_its_bounds(home: Home, port: str) -> None:
    with pytest.raises(BadPort, match=r"from 1 to 65531"):
        defaults(home, {"PORT": port})
