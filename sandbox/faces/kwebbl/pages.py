"""The two pages of the authorization server, in Kwebbl's words."""

from html import escape

from sandbox.faces.consent import Pages
from sandbox.faces.kwebbl.grants import ADMIN_SCOPES, SCOPES

PAGES = Pages(
    vendor="Kwebbl",
    log_in="Log in",
    asks="The application asks to",
    allow="Log in and allow",
    deny="Deny",
)


def permission(scope: str) -> str:
    """What a scope permits, as HTML."""
    admin = " <em>Granted by an admin only.</em>" if scope in ADMIN_SCOPES else ""
    return f"<code>{escape(scope)}</code> {escape(SCOPES[scope])}{admin}"
