"""The client application as installed "in the Company Panel"."""

from dataclasses import dataclass

from sandbox.faces.oauth import Client


@dataclass(slots=True)
class ClientApp(Client):
    """Lifetimes are in seconds. The document's example says 900 for access tokens, its text 14 days; refresh tokens live 196."""

    access_token_s: float = 900
    refresh_token_s: float = 196 * 86400
