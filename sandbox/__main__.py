"""`python -m sandbox`: serves the emulated PBXs until SIGTERM or Ctrl-C."""

import argparse
import json
import socket
import sys
from contextlib import suppress

import uvicorn

from sandbox.app import create_app
from sandbox.console.view import show_pbx
from sandbox.pbx import default_pbxes

_STOP_WITHIN_S = 1
_PING_EVERY_S = 30
_PONG_WITHIN_S = 10


def main() -> int:
    """Answers the exit status."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument(
        "--host", default="127.0.0.1", help="the sandbox trusts whoever reaches it: keep it on loopback"
    )
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument(
        "--describe", action="store_true", help="print the companies and their logins as JSON, and exit"
    )
    options = parser.parse_args()
    base_url = f"http://{options.host}:{options.port}"
    if options.describe:
        print(json.dumps([show_pbx(pbx, base_url=base_url) for pbx in default_pbxes(base_url).values()], indent=2))  # noqa: T201
        return 0
    try:
        listener = _listen(options.host, options.port)
    except OSError as error:
        print(  # noqa: T201
            f"sandbox: can't listen on {options.host}:{options.port} ({error.strerror}); choose another with --port",
            file=sys.stderr,
        )
        return 1
    config = uvicorn.Config(
        create_app(base_url),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_STOP_WITHIN_S,
        ws="websockets-sansio",
        ws_ping_interval=_PING_EVERY_S,
        ws_ping_timeout=_PONG_WITHIN_S,
    )
    print(f"sandbox: {base_url}/", flush=True)  # noqa: T201
    with suppress(KeyboardInterrupt):  # uvicorn stops in good order, then raises Ctrl-C again
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(1024)
    return listener


if __name__ == "__main__":
    sys.exit(main())
