"""PATCHBAY_HOME: what an installation keeps between runs, readable by nobody else."""

import fcntl
import os
import secrets
import socket
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from launch.console import LaunchError


def fernet_keys() -> str:
    """One key in the form of PATCHBAY_ENCRYPTION_KEYS: `keyid:url-safe base64 of 32 bytes`."""
    return f"k1:{urlsafe_b64encode(secrets.token_bytes(32)).decode()}"


def try_port(port: int, host: str) -> None:
    """Raises OSError when nobody could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT is not "taken"
        probe.bind((host, port))


def is_free(port: int) -> bool:
    try:
        try_port(port, "127.0.0.1")
    except OSError:
        return False
    return True


def any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Home:
    """The folder; `with home.locked():` makes sure that one launcher at a time uses it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.env_file = path / "env"

    def create(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / "secrets").mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise LaunchError(
                f"{self.path} can't be made ({error.strerror}); set PATCHBAY_HOME to another folder"
            ) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Raises LaunchError when another launcher runs on this folder. The lock ends with the process, however it ends."""
        self.create()
        with open(self.path / "lock", "a+", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise LaunchError(
                    f"already running on {self.path} (process {lock.read().strip() or 'unknown'});"
                    " stop that one, or set PATCHBAY_HOME to another folder"
                ) from None
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield

    def secret(self, name: str, make: Callable[[], str]) -> str:
        """A value that is made once and then remembered."""
        path = self.path / "secrets" / name
        if not path.exists():
            _write_private(path, make() + "\n")
        return path.read_text(encoding="ascii").strip()

    def port(self, name: str) -> int:
        """The remembered port of an embedded service, or another one when something else listens there now."""
        path = self.path / f"{name}.port"
        remembered = int(path.read_text(encoding="ascii")) if path.is_file() else 0
        if remembered and is_free(remembered):
            return remembered
        port = any_free_port()
        path.write_text(f"{port}\n", encoding="ascii")
        return port

    def write_env(self, values: Mapping[str, str]) -> None:
        """What `manage.py` reads for names that its own environment doesn't have."""
        lines = ["# Written at every start for manage.py; values from the environment come first.\n"]
        lines += [f"{name}={value}\n" for name, value in sorted(values.items())]
        _write_private(self.env_file, "".join(lines))


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    with open(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
        file.write(text)
    temporary.replace(path)
