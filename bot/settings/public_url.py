"""Where browsers reach this deployment."""

import os
from collections.abc import Mapping

from bot.domain.errors import Refusal
from bot.outgoing.web_addresses import is_web_address
from bot.settings.slack import PUBLIC_URL


class BadPublicUrl(Refusal):
    """COUNTERSIGN_PUBLIC_URL has to be an https address, such as https://bot.example.com."""


class NoPublicUrl(Refusal):
    """The directory file has “sign_in”. Set COUNTERSIGN_PUBLIC_URL to where people reach its pages."""


def public_url(environ: Mapping[str, str] | None = None) -> str | None:
    """Gives the address, without a slash at its end; None where none is set.

    Args:
        environ: the variables; without it, this process's.

    Raises:
        BadPublicUrl: it is no address that secrets may travel to.
    """
    found = (os.environ if environ is None else environ).get(PUBLIC_URL, "").strip()
    if not found:
        return None
    if not is_web_address(found):
        raise BadPublicUrl
    return found.rstrip("/")
