"""Where the demonstration keeps its data and its secrets."""

import base64
import fcntl
import hashlib
import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


class NotOurs(Exception):
    """A folder we must trust belongs to somebody else."""


@dataclass(frozen=True)
class Home:
    path: Path

    @cached_property
    def secrets(self) -> dict[str, str]:
        """Made once, then always the same: what they sealed must stay readable.

        A home of an earlier version gets what it lacks.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.path / "secrets.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = self.path / "secrets.json"
            known: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
            if key := known.pop("INDEX_KEY", ""):  # of a home made before keys had numbers
                known["INDEX_KEYS"] = f"1:{key}"
            fresh = fresh_secrets()
            if fresh.keys() - known.keys():
                known = fresh | known
                write_private(kept, json.dumps(known, indent=2))
        return known

    @cached_property
    def place(self) -> Path:
        """A folder under the temp folder for what needs a short path or, as root, another user.

        Its name comes from the home and its secrets: the same at every start, and another one
        when the home was deleted (a fresh key could not read the old data).
        """
        seed = f"{self.path}:{self.secrets['SECRET_KEY']}"
        name = hashlib.sha256(seed.encode()).hexdigest()[:12]
        return temp_folder() / f"mpaspor-{name}"


def current() -> Home:
    return Home(Path(os.environ.get("MPASPOR_HOME") or CHECKOUT / ".local").resolve())


def fresh_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SEAL_KEYS": "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "INDEX_KEYS": "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "LETTER_KEYS": "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "SIMPONI_KEY": secrets.token_urlsafe(32),
        "SMS_KEY": secrets.token_urlsafe(32),
        "WHATSAPP_TOKEN": secrets.token_urlsafe(32),
        "DUKCAPIL_KEY": secrets.token_urlsafe(32),
    }


def write_private(path: Path, text: str) -> None:
    """All or nothing, readable by the owner alone."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.rename(path)


def temp_folder() -> Path:
    """The lasting one where there is one: it outlives a reboot and does not move with TMPDIR.

    MPASPOR_TEMP names another one, for those who clean up after themselves.
    """
    if given := os.environ.get("MPASPOR_TEMP"):
        return Path(given)
    lasting = Path("/var/tmp")  # noqa: S108 folders in it are checked to be ours
    return lasting if os.access(lasting, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def own_folder(path: Path) -> Path:
    """Closed to everybody else; as root others may pass through, but not look.

    Raises NotOurs if somebody else made it first.
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    path.mkdir(mode=mode, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid != os.geteuid():
        raise NotOurs(f"{path} belongs to somebody else; remove it and start again.")
    path.chmod(mode)
    return path
