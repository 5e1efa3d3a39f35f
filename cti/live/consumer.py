"""WS /ws/v1/events: one client's session. The protocol is in docs/live.md."""

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

import psycopg
import structlog
from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from prometheus_client import Gauge
from psycopg_pool import PoolTimeout

from cti.live import protocol
from cti.live.commands import run_command
from cti.live.credentials import Credential, session_of, token_of
from cti.live.hub import Hub
from cti.live.protocol import Authenticate, BadMessage, Command, Filter, Subscribe
from cti.live.socket import LiveSubscription, Outbox
from tenants.models import Scope
from tenants.principals import CredentialRefused

log = structlog.get_logger(__name__)
AUTHENTICATE_SECONDS = 10.0
SUBSCRIBE_SECONDS = 0.25
"""How long a client that authenticated may take to say `subscribe` before everything goes to it live: the two travel together."""
SESSION_SUBSCRIBE_SECONDS = 1.0
"""The same for a browser, whose first word comes a round trip after the socket is open."""
MAX_COMMANDS = 8


class EventsConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """Authenticates, subscribes, sends events, carries out commands. `hub` and `sockets` are the process's."""

    hub: ClassVar[Hub]
    sockets: "ClassVar[set[EventsConsumer]]" = set()

    async def connect(self) -> None:
        await self.accept()
        self.credential: Credential | None = None
        self.subscription: LiveSubscription | None = None
        self.outbox = Outbox(self._send_text, lambda: self._close_soon(protocol.TOO_SLOW))
        self.commands: set[asyncio.Task[None]] = set()
        self.turn = asyncio.Lock()
        self.timer: asyncio.TimerHandle | None = None
        self.sockets.add(self)
        loop = asyncio.get_running_loop()
        if _same_origin(self.scope):
            self.credential = await sync_to_async(session_of)(self.scope)
        if self.credential is None:
            self.timer = loop.call_later(AUTHENTICATE_SECONDS, self._close_soon, protocol.TOO_LATE)
        else:
            self._expect_subscribe(SESSION_SUBSCRIBE_SECONDS)

    async def disconnect(self, code: int) -> None:
        self.sockets.discard(self)
        if self.timer is not None:
            self.timer.cancel()
        self.outbox.close()
        if self.subscription is not None:
            await self.subscription.end()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            message = protocol.decode(text_data or "")
            match message:
                case Authenticate():
                    await self._authenticate(message)
                case Subscribe():
                    await self._subscribe(message)
                case Command():
                    await self._command(message)
        except BadMessage as error:
            await self._refuse(protocol.MALFORMED, str(error))

    # Who.

    async def _authenticate(self, message: Authenticate) -> None:
        if self.credential is not None:
            raise BadMessage("already authenticated")
        try:
            client = self.scope.get("client") or ("", 0)
            self.credential = await sync_to_async(token_of)(message.token, client[0])
        except CredentialRefused as error:
            await self._refuse(protocol.UNAUTHENTICATED, str(error))
            return
        if self.timer is not None:
            self.timer.cancel()
        self._expect_subscribe(SUBSCRIBE_SECONDS)

    def _expect_subscribe(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(seconds, lambda: self._spawn(self._go_live_unasked()))

    async def _go_live_unasked(self) -> None:
        if self.subscription is None:
            await self._subscribe(Subscribe())

    async def check_credential(self) -> None:
        """Cuts off a client whose key was revoked or whose session ended since."""
        try:
            if self.credential is not None:
                await sync_to_async(self.credential.renew)()
                if self.subscription is not None:
                    self.subscription.restrict(self.credential.own_extensions)
        except CredentialRefused as error:
            await self._refuse(protocol.UNAUTHENTICATED, str(error))
        except DatabaseError as error:
            log.warning("credential_not_checked", error=type(error).__name__)  # the next ping asks again

    # What.

    async def _subscribe(self, message: Subscribe) -> None:
        if self.credential is None:
            await self._refuse(protocol.UNAUTHENTICATED, "authenticate first")
            return
        principal = self.credential.principal
        if not principal.has_scope(Scope.EVENTS_READ):
            await self._refuse(protocol.FORBIDDEN, "the credential lacks the scope events:read")
            return
        wanted: Filter = protocol.filter_of(message, self.credential.own_extensions)
        if self.timer is not None:
            self.timer.cancel()
        async with self.turn:
            if self.subscription is not None:
                await self.subscription.end()
            self.subscription = LiveSubscription(self.hub, self.outbox, wanted)
            try:
                feed = await self.hub.feed(principal.tenant_id)
                await self.subscription.begin(feed, message.after)
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("live_unavailable", error=type(error).__name__)
                await self._refuse(protocol.GOING_AWAY, "the log can't be read right now; connect again")

    def ping(self) -> None:
        """Tells where the log stands, for this client."""
        if self.subscription is not None:
            self.outbox.put(protocol.ping(self.subscription.position))

    async def _command(self, message: Command) -> None:
        if self.credential is None:
            await self._refuse(protocol.UNAUTHENTICATED, "authenticate first")
        elif len(self.commands) >= MAX_COMMANDS:
            self.outbox.put(protocol.result(message.id, 429, {"code": "rate_limited", "status": 429}))
        else:
            self._spawn(self._run_command(self.credential, message))

    async def _run_command(self, credential: Credential, message: Command) -> None:
        status, body = await sync_to_async(run_command, thread_sensitive=False)(credential.principal, message)
        self.outbox.put(protocol.result(message.id, status, body))

    # The socket.

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.commands.add(task)
        task.add_done_callback(self.commands.discard)

    async def _send_text(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})

    async def _refuse(self, code: int, reason: str) -> None:
        self.outbox.close()
        await self.close(code=code, reason=reason[:120])

    def _close_soon(self, code: int) -> None:
        self._spawn(
            self._refuse(code, "too late" if code == protocol.TOO_LATE else "too slow: connect again and resume")
        )


Gauge("patchbay_live_sockets", "Open event sockets").set_function(lambda: len(EventsConsumer.sockets))


def _same_origin(scope: Mapping[str, Any]) -> bool:
    """A browser's cookie counts only when one of our own pages opens the socket."""
    headers = dict(scope["headers"])
    origin = urlsplit(headers.get(b"origin", b"").decode("latin-1"))
    return bool(origin.netloc) and origin.netloc == headers.get(b"host", b"").decode("latin-1")
