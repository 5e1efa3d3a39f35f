"""Secrets that were typed into a connect form which isn't complete yet: kept for the session, encrypted, never sent back."""

import json
from collections.abc import Mapping, MutableMapping
from typing import Any

from common.crypto import DecryptionFailed, decrypt, encrypt

_KEY = "connect_draft"


def keep(session: MutableMapping[str, Any], vendor: str, secrets: Mapping[str, str]) -> None:
    """Remembers the secrets of the form for one vendor; there is one draft a session."""
    session[_KEY] = encrypt(json.dumps({"vendor": vendor, "secrets": dict(secrets)}))


def recall(session: MutableMapping[str, Any], vendor: str) -> dict[str, str]:
    """The remembered secrets by field; none for another vendor than they were typed for."""
    try:
        draft = json.loads(decrypt(session[_KEY]))
    except (KeyError, DecryptionFailed):
        return {}
    return dict(draft["secrets"]) if draft["vendor"] == vendor else {}


def forget(session: MutableMapping[str, Any]) -> None:
    session.pop(_KEY, None)
