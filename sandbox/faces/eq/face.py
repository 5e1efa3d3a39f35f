"""EQ's endpoints for one company, below `/eq/<company>/eq/api/2.0`, as if `/eq/<company>` were the server's name."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.engine.company import Company
from sandbox.engine.events import EngineEvent, LineEvent
from sandbox.faces.eq.agents import QueueAgents
from sandbox.faces.eq.calls import CallViews
from sandbox.faces.eq.channels import Channels
from sandbox.faces.eq.connection import Connection
from sandbox.faces.eq.control import Control
from sandbox.faces.eq.dialect import Dialect
from sandbox.faces.eq.dispatch import Dispatcher, Handler
from sandbox.faces.eq.lookup import Lookup
from sandbox.faces.eq.phones import Phones
from sandbox.faces.eq.provisioning import all_entities
from sandbox.faces.eq.recordings import FOLDER, CallRecordings
from sandbox.faces.eq.records import Records
from sandbox.faces.eq.session_service import SessionService
from sandbox.faces.eq.sessions import Kind, Sessions
from sandbox.faces.eq.statistics import Statistics
from sandbox.faces.eq.system import System
from sandbox.faces.face import Face, Feature
from sandbox.faults import FaultState
from sandbox.outbox import Outbox

_METHODS = ["GET", "POST", "PUT", "DELETE"]


class Part(Protocol):
    """Some of the vendor's operations."""

    def operations(self) -> dict[str, Handler]: ...


class EqFace(Face[Dialect, Connection]):
    """Wires the parts together. What they keep goes with them: a reset makes them anew. It tells nobody of anything."""

    vendor = "eq"
    features = frozenset(
        {Feature.QUEUES, Feature.PARKING, Feature.CONFERENCES, Feature.MUTING, Feature.DEVICES, Feature.SUPERVISION}
    )

    def __init__(self, company: Company, faults: FaultState, outbox: Outbox, connection: Connection) -> None:
        super().__init__(company, faults, outbox, Dialect(), connection)
        self._initial_records = Records.of(company)
        self._build()
        company.make_call_id = self._new_call_id
        company.listeners.append(self._follow)
        company.line_listeners.append(self._follow_line)
        company.reactions.append(self._react)

    @property
    def base_path(self) -> str:
        return f"{self.mount_path}/eq/api/2.0"

    @property
    def mount_path(self) -> str:
        return f"/eq/{self.company.slug}"

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/eq/api/2.0/{path:path}", self._serve, methods=_METHODS),
            Route("/monitor/{path:path}", self._serve_recording),
        ]

    def describe(self) -> dict[str, Any]:
        return {
            "client": {
                "credentials": {"auth_key": self.connection.auth_key},
                "settings": {
                    "extensions": sorted(each.number for each in self.company.extensions.values() if each.is_user),
                    "pause_codes": [each.key for each in self.lookup.records.pause_codes],
                    "recordings_path": f"{self.mount_path}/monitor",
                },
            },
            "subscriptions": [],
            "sessions": {kind: len(self.sessions.active(kind)) for kind in Kind},
            "recordings_folder": FOLDER,
        }

    def controls(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        return {"sign-out-everybody": lambda _: {"signed_out": self.sessions.destroy()}}

    def expire_tokens(self) -> int:
        """User sessions time out, as if nobody had kept them alive; those at phones go on."""
        return self.sessions.time_out()

    def revoke_grants(self) -> int:
        """As after somebody deleted the API key, until `connection.auth_key_valid` is set again."""
        count = int(self.connection.auth_key_valid)
        self.connection.auth_key_valid = False
        return count

    def drop_subscriptions(self) -> int:
        """There are none."""
        return 0

    def reset(self) -> None:
        super().reset()
        self._build()

    def _build(self) -> None:
        """Every part, as freshly started."""
        records = self._initial_records.copy()
        self.channels = Channels(self.company)
        self.sessions = Sessions(self.switch, self.connection, records)
        self.lookup = Lookup(self.company, records, self.channels)
        self.session_service = SessionService(self.sessions, self.lookup)
        self.views = CallViews(self.switch, self.dialect, self.lookup)
        self.recordings = CallRecordings(self.switch, records, self.channels)
        handlers = {name: handler for part in self._parts(records) for name, handler in part.operations().items()}
        self._dispatcher = Dispatcher(self.connection, self.dialect, self.sessions, self.faults, handlers)
        self.session_service.sign_in_at_phones()

    def _parts(self, records: Records) -> tuple[Part, ...]:
        """Everything that serves operations."""
        return (
            self.session_service,
            self.views,
            Control(self.switch, self.lookup, self.views),
            self.recordings,
            QueueAgents(self.switch, self.lookup, self.sessions),
            Statistics(self.switch, self.lookup),
            Phones(self.switch, self.connection, self.lookup),
            System(self.switch, records, self.sessions),
            *all_entities(self.switch, records, self.sessions),
        )

    async def _serve(self, request: Request) -> Response:
        return await self._dispatcher.serve(request)

    async def _serve_recording(self, request: Request) -> Response:
        return await self.recordings.serve(request)

    def _new_call_id(self) -> str:
        return self.channels.new_call_id()

    def _follow(self, event: EngineEvent) -> None:
        self.channels.follow(event)

    def _follow_line(self, event: LineEvent) -> None:
        self.session_service.follow(event)

    def _react(self, event: EngineEvent) -> None:
        """After everybody has heard of the event."""
        self.recordings.follow(event)
