"""The signer of addresses, as the settings describe it: the same for the API, which checks them, and for workers."""

from __future__ import annotations

from delivery.signing import Signer
from settings import Settings


def open_signer(settings: Settings) -> Signer:
    """What signs addresses."""
    secret = settings.jwt_secret.get_secret_value()
    return Signer(secret, public_url=settings.public_url, ttl_seconds=settings.url_ttl_seconds)
