"""CallGear's addresses for one company, below `/callgear/<company>`: the Call API, and what stands beside it."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.engine.company import Company
from sandbox.engine.errors import UnknownRecording
from sandbox.engine.events import EngineEvent
from sandbox.engine.recordings import audio
from sandbox.engine.stored import RecordingState
from sandbox.faces.callgear.connection import VERSION, Connection
from sandbox.faces.callgear.data_api import DataApi
from sandbox.faces.callgear.data_methods import DATA_METHODS
from sandbox.faces.callgear.dialect import Dialect
from sandbox.faces.callgear.facts import Facts
from sandbox.faces.callgear.listing import Listing
from sandbox.faces.callgear.methods import METHODS, Method
from sandbox.faces.callgear.notifications import Notifications
from sandbox.faces.callgear.options import Options
from sandbox.faces.callgear.parameters import Values
from sandbox.faces.callgear.points import Points
from sandbox.faces.callgear.rpc import Handler, RpcService
from sandbox.faces.callgear.sessions import Session, Sessions
from sandbox.faces.callgear.staff import Staff
from sandbox.faces.callgear.starts import Starts
from sandbox.faces.callgear.talks import Talks
from sandbox.faces.callgear.templates import Topic, read_templates
from sandbox.faces.callgear.tokens import Tokens
from sandbox.faces.face import Face, Feature
from sandbox.faults import FaultState
from sandbox.outbox import Outbox

DATA_PATH = "/data/v2.0"


class CallGearFace(Face[Dialect, Connection]):
    """Wires the parts together. `address` is the sandbox's own: recordings are found there.

    What the parts keep goes with them: a reset makes them anew, but for sessions' ids.
    """

    vendor = "callgear"
    features = frozenset({Feature.QUEUES, Feature.SUPERVISION})

    def __init__(
        self, company: Company, faults: FaultState, outbox: Outbox, connection: Connection, address: str
    ) -> None:
        super().__init__(company, faults, outbox, Dialect(), connection)
        self._address = address
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

    def routes(self) -> list[BaseRoute]:
        return [
            Route(f"/{VERSION}", self._serve_calls, methods=["POST"]),
            Route(DATA_PATH, self._serve_data, methods=["POST"]),
            Route("/media/{session}/{recording}", self._serve_recording),
        ]

    def describe(self) -> dict[str, Any]:
        return {
            "client": {
                "credentials": {"login": self.connection.login, "password": self.connection.password},
                "settings": {"data_api_url": f"{self._address}{self.mount_path}{DATA_PATH}"},
            },
            "subscriptions": [each.render() for each in self.notifications.all],
            "topics": list(Topic),
        }

    def controls(self) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
        return {"paste-notification": self._paste}

    def expire_tokens(self) -> int:
        """Session keys stop working; the permanent key goes on."""
        return self.tokens.expire()

    def revoke_grants(self) -> int:
        """As after the password was changed and the permanent key blocked, until `connection` says otherwise."""
        count = self.tokens.expire() + (self.connection.key == "active")
        self.connection.logins_valid, self.connection.key = False, "blocked"
        return count

    def drop_subscriptions(self) -> int:
        return self.notifications.drop()

    def reset(self) -> None:
        super().reset()
        self.sessions.clear()
        self._build()

    def _build(self) -> None:
        """Every part, as freshly started."""
        connection, dialect = self.connection, self.dialect
        blacklist: set[str] = set()
        self.tokens = Tokens(connection, dialect, self.company.now)
        self.starts = Starts(self.switch, self.sessions, self.staff, blacklist, connection)
        self.options = Options(self.switch, self.sessions, self.staff, blacklist, connection)
        talks = Talks(self.switch, self.sessions, self.staff, connection)
        listing = Listing(self.sessions, self.staff, dialect)
        handlers: dict[str, Handler] = {}
        for part in (self.starts, talks, self.options, listing):
            handlers |= part.handlers()
        logins: dict[str, Handler] = {"login.user": self._login, "logout.user": self._logout}
        self._call_api = self._service(METHODS, logins | handlers)
        data = DataApi(self.company, self.sessions, self.staff, connection, dialect)
        self._data_api = self._service(DATA_METHODS, logins | data.handlers())
        facts = Facts(self.sessions, self.staff, dialect)
        self.notifications = Notifications(self.sessions, facts, self.outbox, dialect, self._link)

    def _service(self, table: Mapping[str, Method], handlers: Mapping[str, Handler]) -> RpcService:
        """Each API counts its own points."""
        connection = self.connection
        return RpcService(
            table,
            handlers,
            connection=connection,
            dialect=self.dialect,
            tokens=self.tokens,
            points=Points(lambda: (connection.minute_limit, connection.day_limit), self.company.now),
            faults=self.faults,
        )

    async def _serve_calls(self, request: Request) -> Response:
        return await self._call_api.serve(request)

    async def _serve_data(self, request: Request) -> Response:
        return await self._data_api.serve(request)

    async def _serve_recording(self, request: Request) -> Response:
        """Whoever knows the link may listen."""
        try:
            recording = self.switch.recordings.find(request.path_params["recording"])
        except UnknownRecording:
            recording = None
        if recording is None or recording.state is not RecordingState.STORED:
            return JSONResponse({"error": "There is no such recording"}, 404)
        return Response(audio(recording), media_type="audio/wav")

    def _link(self, session: Session, recording_id: str) -> str:
        return f"{self._address}{self.mount_path}/media/{session.id}/{recording_id}"

    def _paste(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Sets up, or with an empty address removes, the notification of one `event` or of all."""
        pasted = read_templates(fields)
        for template in pasted:
            self.notifications.paste(template)
        return {"pasted": [each.topic for each in pasted]}

    def _login(self, values: Values) -> dict[str, Any]:
        token, ends = self.tokens.login(values.text("login"), values.text("password"))
        return {"access_token": token, "expire_at": int(ends)}

    def _logout(self, values: Values) -> dict[str, bool]:
        """A boolean here, in the one example of the document."""
        self.tokens.logout(values.text("access_token"))
        return {"success": True}

    def _follow(self, event: EngineEvent) -> None:
        self.sessions.follow(event)
        self.notifications.follow(event)

    def _react(self, event: EngineEvent) -> None:
        """After everybody has heard of the event."""
        self.sessions.react(event)
        self.starts.react(event)
        self.options.react(event)
