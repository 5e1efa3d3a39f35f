"""How the web process speaks HTTP: as uvicorn does, with a shorter way for the requests that come by the thousand.

`uvicorn --http config.http:Protocol config.asgi:application`. With any other protocol, or server, all is the same but slower.
"""

from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from config.asgi import application
from cti.ingest.hooks import PREFIX


class Protocol(HttpToolsProtocol):
    """Hands a vendor's request that has arrived whole to the ingest as it is: a task, and two rounds of the event loop, less."""

    _receiving = False
    _held: RequestResponseCycle | None = None
    """A hook's request that began with what is being received."""

    def data_received(self, data: bytes) -> None:
        self._receiving = True
        super().data_received(data)
        self._receiving = False
        cycle, self._held = self._held, None
        if cycle is not None and not self._take(cycle):
            super()._start_asgi_task(cycle, self.app)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self._receiving and app is self.app and cycle.scope["path"].startswith(PREFIX):
            self._held = cycle
        else:
            super()._start_asgi_task(cycle, app)

    def _take(self, cycle: RequestResponseCycle) -> bool:
        hooks = application.hooks
        if hooks is None or cycle.more_body or cycle.waiting_for_100_continue:
            return False
        return hooks.take_whole(cycle.scope, bytes(cycle.body), partial(self._respond, cycle))

    def _respond(self, cycle: RequestResponseCycle, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        if cycle.disconnected:
            return
        content = [STATUS_LINE[status]]
        for name, value in (*cycle.default_headers, *headers):
            content += (name, b": ", value, b"\r\n")
        content.append(b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
        self.transport.write(b"".join(content))
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()
