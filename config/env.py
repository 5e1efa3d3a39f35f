"""The environment, read once and checked: a wrong or missing value stops start-up with one line that says which and why."""

import ipaddress
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet

T = TypeVar("T")


def stop(name: str, why: str) -> NoReturn:
    """Ends the process with the one line that tells the operator what to mend."""
    sys.exit(f"patchbay: {name}: {why}")


def read_home_file(path: Path) -> None:
    """Takes what `make serve` wrote into PATCHBAY_HOME/env for the names that the environment doesn't have."""
    if path.is_file():
        environ.Env.read_env(str(path), overwrite=False)


def value(name: str, parse: Callable[[str], T], default: str | None = None) -> T:
    """`NAME` or the contents of the file `NAME_FILE`, parsed; `parse` raises ValueError with the reason."""
    text = os.environ.get(name)
    file_name = os.environ.get(f"{name}_FILE")
    if text is None and file_name is not None:
        try:
            text = Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            stop(f"{name}_FILE", f"can't be read: {error.strerror}")
    if text is None:
        text = default
    if text is None:
        stop(name, "is not set (`make serve` and `make demo` set it up; docs/operations.md describes it)")
    try:
        return parse(text)
    except ValueError as error:
        stop(name, str(error))


def text(raw: str) -> str:
    if not raw:
        raise ValueError("is empty")
    return raw


def secret(raw: str) -> str:
    if len(raw) < 32:  # noqa: PLR2004 - what Django's own check asks of SECRET_KEY is 50; random hex has less
        raise ValueError("is shorter than 32 characters")
    return raw


def boolean(raw: str) -> bool:
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError("is neither true nor false")


def words(raw: str) -> list[str]:
    return [word.strip() for word in raw.split(",") if word.strip()]


def networks(raw: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Comma-separated CIDRs."""
    try:
        return tuple(ipaddress.ip_network(word) for word in words(raw))
    except ValueError as error:
        raise ValueError(f"is not a list of CIDRs: {error}") from error


def encryption_keys(raw: str) -> tuple[tuple[str, str], ...]:
    """Comma-separated `keyid:fernet-key`; the first encrypts, all decrypt."""
    keys: list[tuple[str, str]] = []
    for word in words(raw):
        key_id, colon, key = word.partition(":")
        if not colon or not key_id:
            raise ValueError("wants `keyid:key` entries, separated by commas")
        try:
            Fernet(key)
        except ValueError as error:
            raise ValueError(f"key {key_id!r} is not 32 url-safe base64-encoded bytes") from error
        keys.append((key_id, key))
    if not keys:
        raise ValueError("is empty")
    return tuple(keys)


def http_url(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{raw!r} is not an http(s) address")
    return raw.rstrip("/")


def redis_url(raw: str) -> str:
    if urlsplit(raw).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("is not a redis:// address")
    return raw


def postgres_url(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ValueError("is not of the form postgresql://user:password@host:port/database")
    return raw
