"""Asking a vendor to do something, from synchronous code and outside of any transaction."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

from asgiref.sync import async_to_sync
from prometheus_client import Histogram

from integrations.adapters import open_adapter
from integrations.contract.adapter import PbxAdapter
from integrations.contract.errors import VendorError, VendorTimeout
from integrations.models import PbxAccount

T = TypeVar("T")

COMMANDS = Histogram("patchbay_vendor_command_seconds", "Commands to vendors", ["vendor", "command", "outcome"])


def ask(account: PbxAccount, command: str, use: Callable[[PbxAdapter], Awaitable[T]]) -> T:
    """What `use` makes of the account's adapter. Raises the contract's errors."""
    with asking(account, command):
        return async_to_sync(_use)(account, use)


@contextmanager
def asking(account: PbxAccount, command: str) -> Iterator[None]:
    """Around whatever asks the account's vendor: it is measured.

    An error of our own, once the vendor may have been asked, is told as VendorTimeout: nobody knows what took effect, so
    nothing may invite a retry.
    """
    began, outcome = monotonic(), "ok"
    try:
        with outcome_unknown():
            yield
    except VendorError as error:
        outcome = type(error).__name__
        raise
    finally:
        COMMANDS.labels(account.vendor, command, outcome).observe(monotonic() - began)


@contextmanager
def outcome_unknown() -> Iterator[None]:
    """Around everything from the moment that a command may have reached the vendor until its effect is stored."""
    try:
        yield
    except VendorError:
        raise
    except Exception as error:
        raise VendorTimeout(
            "Something went wrong after the vendor was asked; whether it did what was asked is unknown."
        ) from error


async def _use(account: PbxAccount, use: Callable[[PbxAdapter], Awaitable[T]]) -> T:
    async with open_adapter(account.tenant_id, account.pk) as adapter:
        return await use(adapter)
