"""Dstny's endpoints for one company, below `/dstny/<company>/api`."""

from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.engine.company import Company
from sandbox.engine.events import EngineEvent, LineEvent
from sandbox.faces.dstny.callback import Callbacks
from sandbox.faces.dstny.commlog import CommunicationLog
from sandbox.faces.dstny.configuration import Configuration
from sandbox.faces.dstny.connection import Connection
from sandbox.faces.dstny.contacts import Contacts
from sandbox.faces.dstny.control import Control
from sandbox.faces.dstny.devices import Devices
from sandbox.faces.dstny.dialect import Dialect
from sandbox.faces.dstny.dispatch import Dispatcher, Handler
from sandbox.faces.dstny.diversion import Diversions
from sandbox.faces.dstny.grouplog import GroupLog
from sandbox.faces.dstny.groups import Groups
from sandbox.faces.dstny.joining import Joining
from sandbox.faces.dstny.lines import Lines
from sandbox.faces.dstny.linestate import LineStates
from sandbox.faces.dstny.own import OwnCalls
from sandbox.faces.dstny.people import People
from sandbox.faces.dstny.placing import Placing
from sandbox.faces.dstny.presence import Presence
from sandbox.faces.dstny.recording import CallRecording
from sandbox.faces.dstny.sms import Sms
from sandbox.faces.dstny.states import Renderer
from sandbox.faces.dstny.statistics import Statistics
from sandbox.faces.dstny.streams import Streams
from sandbox.faces.dstny.ticket_service import TicketService
from sandbox.faces.dstny.tickets import Tickets
from sandbox.faces.dstny.views import Views
from sandbox.faces.dstny.voicemail import Voicemail
from sandbox.faces.dstny.watch import Watch
from sandbox.faces.dstny.webhooks import Webhooks
from sandbox.faces.face import Face
from sandbox.faults import FaultState
from sandbox.outbox import Outbox

_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]


class Part(Protocol):
    """Some of the vendor's operations."""

    def operations(self) -> dict[str, Handler]: ...


class DstnyFace(Face[Dialect, Connection]):
    """Wires the parts together. What they keep goes with them: a reset makes them anew."""

    vendor = "dstny"

    def __init__(self, company: Company, faults: FaultState, outbox: Outbox, connection: Connection) -> None:
        super().__init__(company, faults, outbox, Dialect(), connection)
        self.people = People(company, connection.domain)
        self.streams = Streams(connection, faults)
        self._build()
        company.listeners.append(self._follow)
        company.line_listeners.append(self._follow_line)
        company.reactions.append(self._react)

    @property
    def base_path(self) -> str:
        return f"/dstny/{self.company.slug}/api"

    def routes(self) -> list[BaseRoute]:
        return [Route("/{path:path}", self._serve, methods=_METHODS)]

    def describe(self) -> dict[str, Any]:
        return {
            "client": {
                "credentials": {
                    "domain": self.connection.domain,
                    "user": self.connection.service_user,
                    "password": self.connection.service_password,
                },
                "settings": {},
            },
            "subscriptions": [each.render() for each in self.webhooks.all],
            "streams": self.streams.counts,
            "tickets": self.tickets.given,
        }

    def expire_tokens(self) -> int:
        """Given tickets stop working; passwords and the superuser ticket go on, and streams end."""
        self.streams.close()
        return self.tickets.expire()

    def revoke_grants(self) -> int:
        """As after every password was changed and every ticket revoked, until `connection.logins_valid` is set again."""
        count = self.expire_tokens() + (len(self.tickets.passwords) if self.connection.logins_valid else 0)
        self.connection.logins_valid = False
        return count

    def drop_subscriptions(self) -> int:
        return self.webhooks.drop() + self.streams.close()

    def reset(self) -> None:
        self.streams.close()
        super().reset()
        self._build()

    def _build(self) -> None:
        """Every part, as freshly started."""
        people, dialect, connection = self.people, self.dialect, self.connection
        passwords = {each.id: each.user.password for each in people.all}
        self.tickets = Tickets(connection, passwords | {connection.service_user: connection.service_password})
        self.webhooks = Webhooks(connection, dialect, self.outbox)
        self.views = Views(people, Renderer(people, dialect, self.company.now))
        self.own = OwnCalls(self.switch, dialect, self.views, self.webhooks)
        self.joining = Joining(self.switch, people, self.own, self.views)
        self.recording = CallRecording(self.switch, dialect, self.own, self.views)
        self.diversions = Diversions(self.switch, people)
        self.presence = Presence(self.switch, self.diversions)
        self.groups = Groups(self.switch, people, self.presence)
        self.group_log = GroupLog(people, self.groups)
        self.statistics = Statistics(people, self.groups, self.group_log)
        self.watch = Watch(dialect, people, self.views, self.groups, self.statistics, self.webhooks, self.streams)
        handlers = {name: handler for part in self._parts() for name, handler in part.operations().items()}
        self._dispatcher = Dispatcher(connection, people, self.tickets, self.faults, handlers)

    def _parts(self) -> tuple[Part, ...]:
        """Everything that serves operations."""
        lines = Lines(self.people)
        return (
            TicketService(self.tickets, self.connection),
            Placing(self.switch, self.people, lines, self.own, self.views, self.webhooks),
            Control(self.switch, self.own, self.views),
            self.joining,
            self.recording,
            self.watch,
            Devices(self.company),
            lines,
            self.groups,
            self.group_log,
            self.statistics,
            CommunicationLog(self.people),
            self.presence,
            Contacts(self.people, self.presence),
            self.diversions,
            Voicemail(),
            Configuration(),
            LineStates(),
            Sms(self.switch),
            Callbacks(self.switch, self.people, self.views),
        )

    async def _serve(self, request: Request) -> Response:
        return await self._dispatcher.serve(request)

    def _follow(self, event: EngineEvent) -> None:
        self.group_log.follow(event)
        self.views.follow(event)
        self.watch.follow(event)

    def _follow_line(self, event: LineEvent) -> None:
        self.watch.follow_line(event)

    def _react(self, event: EngineEvent) -> None:
        """After everybody has heard of the event."""
        self.joining.follow(event)
        self.recording.follow(event)
