import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2

from mpaspor.embedded import postgres, remains
from mpaspor.embedded.home import Home
from mpaspor.embedded.program import spawn
from tests.embedded.waiting import wait_until


@contextmanager
def running(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    program = postgres.program(home, durable=False)
    process = spawn(program, mark=str(home.path), output=subprocess.DEVNULL)
    try:
        wait_until(lambda: program.ready() or process.poll() is not None)
        assert process.poll() is None
        yield process
    finally:
        process.send_signal(program.stop_signal)
        process.wait(20)


def tell(home: Home, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(postgres.database_url(home))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def ask(home: Home, question: str) -> object:
    return tell(home, question)[0][0]


def test_start_of_a_new_home_has_an_utf8_database_of_our_own(home: Home) -> None:
    with running(home):
        assert ask(home, "SHOW server_encoding") == "UTF8"
        locale = "SELECT datlocale FROM pg_database WHERE datname = current_database()"
        assert ask(home, locale) == "C.UTF-8"
        assert ask(home, "SHOW listen_addresses") == ""


def test_start_after_a_kill_with_the_old_pid_taken_by_another_works(home: Home) -> None:
    with running(home) as process:
        tell(home, "CREATE TABLE kept AS SELECT 7 AS number")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        wait_until(lambda: not remains.working_in(postgres.data_folder(home)))
    pid_file = postgres.data_folder(home) / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    with running(home):
        assert ask(home, "SELECT number FROM kept") == 7


def test_start_after_a_broken_first_start_makes_the_cluster_again(home: Home) -> None:
    draft = postgres.data_folder(home).with_suffix(".new")
    draft.mkdir(parents=True)
    (draft / "half").write_text("written")
    with running(home):
        assert ask(home, "SELECT 1") == 1
