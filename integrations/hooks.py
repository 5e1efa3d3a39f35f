"""The secret addresses that vendors call: `…/hooks/<vendor>/<token>`."""

from django.conf import settings

from integrations.models import VendorSubscription


def hooks_of(vendor: str) -> str:
    """What the addresses of a vendor's hooks begin with."""
    return f"{settings.PATCHBAY_PUBLIC_URL}/hooks/{vendor}/"


def callback_url(vendor: str, subscription: VendorSubscription) -> str:
    """A subscription's; empty for a stream, which we connect."""
    return f"{hooks_of(vendor)}{subscription.hook_token}" if subscription.hook_token else ""
