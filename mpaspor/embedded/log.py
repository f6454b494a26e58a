"""One log for many processes: each line says who speaks."""

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

COLUMN = 10
COLOURS = {
    "up": "1",
    "setup": "36",
    "postgres": "34",
    "valkey": "31",
    "simponi": "33",
    "inbox": "35",
    "dukcapil": "95",
    "beat": "90",
    "worker": "32",
    "payments": "92",
    "registry": "96",
    "web": "36;1",
}


class Log:
    def __init__(self, out: TextIO = sys.stdout) -> None:
        self.out = out
        self.coloured = out.isatty() and "NO_COLOR" not in os.environ

    def say(self, line: str, name: str = "up") -> None:
        self.write(f"{self.prefix(name)} {line.rstrip()}")

    def block(self, lines: list[str]) -> None:
        self.write("\n".join(["", *(f"  {line}" for line in lines), ""]))

    def prefix(self, name: str) -> str:
        label = f"{name:<{COLUMN}}|"
        return f"\033[{COLOURS.get(name, '0')}m{label}\033[0m" if self.coloured else label

    def write(self, text: str) -> None:
        """A reader that went away must not stop the service."""
        with suppress(OSError, ValueError):
            print(text, file=self.out, flush=True)


class Voice(io.TextIOBase):
    """A stream for code that prints: whole lines go to the log under one name."""

    def __init__(self, log: Log, name: str) -> None:
        self.log, self.name, self.rest = log, name, ""

    def write(self, text: str) -> int:
        *lines, self.rest = (self.rest + text).split("\n")
        for line in filter(str.strip, lines):
            self.log.say(line, self.name)
        return len(text)
