"""What every vendor's face offers to the rest of the sandbox."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import fields
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from starlette.routing import BaseRoute

from sandbox.engine.company import Company
from sandbox.engine.switch import Switch
from sandbox.faults import FaultState
from sandbox.outbox import Outbox

DialectT = TypeVar("DialectT")
ConnectionT = TypeVar("ConnectionT")


class Feature(StrEnum):
    """What not every vendor's protocol knows. The console and the busy day leave out what the face doesn't."""

    QUEUES = "queues"
    VOICEMAIL = "voicemail"
    PARKING = "parking"
    CONFERENCES = "conferences"
    MUTING = "muting"
    DEVICES = "devices"
    FORWARDING = "forwarding"
    PICKUP = "pickup"
    SUPERVISION = "supervision"
    PRESENCE = "presence"


class Face(ABC, Generic[DialectT, ConnectionT]):
    """One vendor's protocol for one company. It listens to the company's events and serves its API below `base_path`.

    `features`: what the vendor's API shows or does beyond plain calls, by default everything.
    `dialect`: a dataclass of switches for what the vendor's document leaves open. `connection`: one of settings of the client
    application and its tokens. The console changes both in place; `reset` brings back what they were in the beginning.
    """

    vendor: ClassVar[str]
    features: ClassVar[frozenset[Feature]] = frozenset(Feature)

    def __init__(
        self, company: Company, faults: FaultState, outbox: Outbox, dialect: DialectT, connection: ConnectionT
    ) -> None:
        self.company = company
        self.switch = Switch(company)
        self.faults = faults
        self.outbox = outbox
        self.dialect = dialect
        self.connection = connection
        self._initial = deepcopy((dialect, connection))

    @property
    @abstractmethod
    def base_path(self) -> str:
        """Where this company's API begins."""

    @property
    def mount_path(self) -> str:
        """Below what the routes are: where the API begins, unless the vendor serves other things beside it."""
        return self.base_path

    @abstractmethod
    def routes(self) -> list[BaseRoute]:
        """Everything below `mount_path`."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """What one needs to connect, and the vendor's own state.

        `client` has what somebody who connects types in: `credentials`, and `settings` that differ from what is usual.
        """

    def controls(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        """What can happen at this vendor alone, by name: what takes the request's fields and does it, answering JSON."""
        return {}

    @abstractmethod
    def expire_tokens(self) -> int:
        """Access tokens stop working now; answers how many."""

    @abstractmethod
    def revoke_grants(self) -> int:
        """Access and refresh tokens stop working now; answers how many grants."""

    @abstractmethod
    def drop_subscriptions(self) -> int:
        """The vendor forgets its subscriptions without telling anybody; answers how many."""

    def reset(self) -> None:
        """Restores dialect and connection, which others hold on to. Vendors extend it: grants and subscriptions go, too."""
        dialect, connection = deepcopy(self._initial)
        _restore(self.dialect, dialect)
        _restore(self.connection, connection)


def _restore(settings: Any, initial: Any) -> None:
    for each in fields(initial):
        setattr(settings, each.name, getattr(initial, each.name))
