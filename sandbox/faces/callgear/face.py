"""CallGear's addresses for one company, below `/callgear/<company>`: the Call API, and what stands beside it."""

from dataclasses import asdict, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.engine.company import Company
from sandbox.engine.events import EngineEvent
from sandbox.faces.callgear.connection import VERSION, Connection
from sandbox.faces.callgear.dialect import Dialect
from sandbox.faces.callgear.listing import Listing
from sandbox.faces.callgear.methods import METHODS
from sandbox.faces.callgear.options import Options
from sandbox.faces.callgear.parameters import Values
from sandbox.faces.callgear.points import Points
from sandbox.faces.callgear.rpc import Handler, RpcService
from sandbox.faces.callgear.sessions import Sessions
from sandbox.faces.callgear.staff import Staff
from sandbox.faces.callgear.starts import Starts
from sandbox.faces.callgear.talks import Talks
from sandbox.faces.callgear.tokens import Tokens
from sandbox.faces.face import Face, Feature, restore
from sandbox.faults import FaultState
from sandbox.outbox import Outbox


class CallGearFace(Face):
    """Wires the parts together. What they keep goes with them: a reset makes them anew, but for sessions' ids."""

    vendor = "callgear"
    features = frozenset({Feature.QUEUES, Feature.SUPERVISION})

    def __init__(self, company: Company, faults: FaultState, outbox: Outbox, connection: Connection) -> None:
        super().__init__(company, faults, outbox)
        self._dialect = Dialect()
        self._connection = connection
        self._initial = replace(connection)
        self.staff = Staff(company, connection)
        self.sessions = Sessions(self.switch, self.staff)
        self._build()
        company.listeners.append(self._follow)
        company.reactions.append(self._react)

    @property
    def base_path(self) -> str:
        return f"{self.mount_path}/{VERSION}"

    @property
    def mount_path(self) -> str:
        return f"/callgear/{self.company.slug}"

    @property
    def dialect(self) -> Dialect:
        return self._dialect

    @property
    def connection(self) -> Connection:
        return self._connection

    def routes(self) -> list[BaseRoute]:
        return [Route(f"/{VERSION}", self._serve, methods=["POST"])]

    def describe(self) -> dict[str, Any]:
        return {
            "connection": asdict(self._connection),
            "client": {
                "credentials": {"login": self._connection.login, "password": self._connection.password},
                "settings": {},
            },
            "subscriptions": [],
        }

    def expire_tokens(self) -> int:
        """Session keys stop working; the permanent key goes on."""
        return self.tokens.expire()

    def revoke_grants(self) -> int:
        """As after the password was changed and the permanent key blocked, until `connection` says otherwise."""
        count = self.tokens.expire() + (self._connection.key == "active")
        self._connection.logins_valid, self._connection.key = False, "blocked"
        return count

    def drop_subscriptions(self) -> int:
        return 0

    def reset(self) -> None:
        restore(self._dialect, Dialect())
        restore(self._connection, self._initial)
        self.sessions.clear()
        self._build()

    def _build(self) -> None:
        """Every part, as freshly started."""
        connection, dialect, now = self._connection, self._dialect, self.company.now
        blacklist: set[str] = set()
        self.tokens = Tokens(connection, dialect, now)
        self.starts = Starts(self.switch, self.sessions, self.staff, blacklist, connection)
        self.options = Options(self.switch, self.sessions, self.staff, blacklist, connection)
        talks = Talks(self.switch, self.sessions, self.staff, connection)
        listing = Listing(self.sessions, self.staff, dialect)
        handlers: dict[str, Handler] = {"login.user": self._login, "logout.user": self._logout}
        for part in (self.starts, talks, self.options, listing):
            handlers |= part.handlers()
        self._call_api = RpcService(
            METHODS,
            handlers,
            connection=connection,
            dialect=dialect,
            tokens=self.tokens,
            points=Points(lambda: (connection.minute_limit, connection.day_limit), now),
            faults=self.faults,
        )

    async def _serve(self, request: Request) -> Response:
        return await self._call_api.serve(request)

    def _login(self, values: Values) -> dict[str, Any]:
        token, ends = self.tokens.login(values.text("login"), values.text("password"))
        return {"access_token": token, "expire_at": int(ends)}

    def _logout(self, values: Values) -> dict[str, bool]:
        """A boolean here, in the one example of the document."""
        self.tokens.logout(values.text("access_token"))
        return {"success": True}

    def _follow(self, event: EngineEvent) -> None:
        self.sessions.follow(event)

    def _react(self, event: EngineEvent) -> None:
        """After everybody has heard of the event."""
        self.sessions.react(event)
        self.starts.react(event)
        self.options.react(event)
