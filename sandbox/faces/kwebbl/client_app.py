"""The client application as installed "in the Company Panel"."""

from dataclasses import dataclass
from urllib.parse import urlsplit

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(slots=True)
class ClientApp:
    """`redirect_uris`: the registered ones, compared exactly. With none registered, any address on loopback will do.

    Lifetimes are in seconds. The document's example says 900 for access tokens, its text 14 days; refresh tokens live 196 days.
    """

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...] = ()
    code_s: float = 60
    access_token_s: float = 900
    refresh_token_s: float = 196 * 86400

    def may_redirect(self, uri: str) -> bool:
        if self.redirect_uris:
            return uri in self.redirect_uris
        try:
            parts = urlsplit(uri)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK
