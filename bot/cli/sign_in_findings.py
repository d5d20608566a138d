"""What `check` says of the sign-in link."""

from collections.abc import Iterator

from bot.cli.finding import Finding, Level
from bot.domain.errors import Refusal
from bot.settings.directories import DirectorySettings
from bot.settings.public_url import NoPublicUrl, public_url
from bot.signin.routes import CALLBACK_PATH

_ABOUT = "sign-in"


def sign_in_findings(settings: DirectorySettings) -> Iterator[Finding]:
    """Gives where people sign in, or what is missing for that; nothing where nobody is meant to."""
    if settings.sign_in is None:
        return
    try:
        found = public_url()
        if found is None:
            raise NoPublicUrl
    except Refusal as refusal:
        yield Finding(_ABOUT, Level.WRONG, refusal.sentence)
        return
    sentence = (
        f"People sign in at {settings.sign_in.issuer}, which has to send them back to {found}{CALLBACK_PATH}."
    )
    yield Finding(_ABOUT, Level.OK, sentence)
