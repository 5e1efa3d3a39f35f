"""Whether a typed address can be reached at all, before anything is stored or an admin is sent there."""

from collections.abc import Mapping
from typing import Any

from asgiref.sync import async_to_sync

from common.http import AddressRefused, AnswerTooLarge, CertificateRefused, HostUnreachable, NoAnswer
from integrations.http import open_http


def why_unreachable(base_url: str, settings: Mapping[str, Any]) -> str | None:
    """What is wrong with the address and what to do, in a sentence or two; None when the host answers, whatever it answers."""
    return async_to_sync(_why_unreachable)(base_url, settings)


async def _why_unreachable(base_url: str, settings: Mapping[str, Any]) -> str | None:
    try:
        async with open_http(settings) as http:
            await http.request("GET", base_url)
    except AddressRefused as error:
        return f"This address may not be used: {error}"
    except CertificateRefused as error:
        return (
            f"The host can't prove who it is: {error}. Check the host name, and https or http; "
            "for a self-signed certificate, switch off its check under Options, where there is that option."
        )
    except HostUnreachable as error:
        return f"Nothing answers there: {error}. Check the address, and that no firewall is in the way."
    except NoAnswer as error:
        return f"The host was reached, but gave no proper answer: {error}. Check https or http, and the port; or try again."
    except AnswerTooLarge:
        return None  # somebody is there
    return None
