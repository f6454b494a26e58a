"""Run as a file: become the given user, tie our life to the parent's, turn into the given command.

    tied.py SIGNAL PARENT UID:GID COMMAND...

A process of its own, because Linux forgets the tie when the user changes, and because Python code
between fork and exec is not safe where threads run. Standard library only; it starts in 20 ms.
"""

import ctypes
import os
import resource
import sys

PR_SET_PDEATHSIG = 1
# Files and connections of one process; many systems allow 1,024 unless asked.
FILES = 8192


def main(when_parent_dies: str, parent: str, identity: str, *command: str) -> None:
    become(*map(int, identity.split(":")))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(when_parent_dies))
    if os.getppid() != int(parent):
        sys.exit("The parent is gone already.")
    many_files()
    os.execv(command[0], command)


def many_files() -> None:
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY != now < FILES:
        wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def become(uid: int, gid: int) -> None:
    if (uid, gid) != (os.geteuid(), os.getegid()):
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


if __name__ == "__main__":
    main(*sys.argv[1:])
