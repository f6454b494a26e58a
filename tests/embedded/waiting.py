import time
from collections.abc import Callable

TICK_SECONDS = 0.05


def wait_until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"Not within {seconds} s."
        time.sleep(TICK_SECONDS)
