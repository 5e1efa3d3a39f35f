"""What every vendor's face offers to the rest of the sandbox."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, ClassVar

from starlette.routing import BaseRoute

from sandbox.engine.company import Company
from sandbox.engine.switch import Switch
from sandbox.faults import FaultState
from sandbox.outbox import Outbox


def restore(settings: Any, defaults: Any) -> None:
    """Sets every field of a dataclass that others hold on to back to its default."""
    for each in fields(defaults):
        setattr(settings, each.name, getattr(defaults, each.name))


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


class Face(ABC):
    """One vendor's protocol for one company. It listens to the company's events and serves its API below `base_path`.

    `features`: what the vendor's API shows or does beyond plain calls, by default everything.
    """

    vendor: ClassVar[str]
    features: ClassVar[frozenset[Feature]] = frozenset(Feature)

    def __init__(self, company: Company, faults: FaultState, outbox: Outbox) -> None:
        self.company = company
        self.switch = Switch(company)
        self.faults = faults
        self.outbox = outbox

    @property
    @abstractmethod
    def base_path(self) -> str:
        """Where this company's API begins."""

    @property
    def mount_path(self) -> str:
        """Below what the routes are: where the API begins, unless the vendor serves other things beside it."""
        return self.base_path

    @property
    @abstractmethod
    def dialect(self) -> Any:
        """A dataclass of switches for what the vendor's document leaves open."""

    @property
    @abstractmethod
    def connection(self) -> Any:
        """A dataclass of settings of the client application and its tokens."""

    @abstractmethod
    def routes(self) -> list[BaseRoute]:
        """Everything below `mount_path`."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """What one needs to connect, and the vendor's own settings and state.

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

    @abstractmethod
    def reset(self) -> None:
        """Forgets grants and subscriptions, with the default dialect and connection settings again."""
