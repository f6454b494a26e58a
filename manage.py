#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

from mpaspor.embedded.environment import BadPort, environment


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mpaspor.settings")
    if not os.environ.get("DATABASE_URL") or sys.argv[1:2] == ["up"]:
        try:
            environment()
        except BadPort as problem:
            sys.exit(str(problem))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
