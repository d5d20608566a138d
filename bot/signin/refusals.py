"""Why a sign-in came to nothing."""

from bot.domain.errors import Refusal


class SignInRefused(Refusal):
    """A sign-in came to nothing."""


class ProviderAway(SignInRefused):
    """{host} does not answer as it should at the moment. Open the link in the chat again in a minute."""

    kind = "unavailable"


class NotAccepted(SignInRefused):
    """This sign-in is not accepted: {why}. Open the link in the chat again, or else tell IT."""

    kind = "forbidden"


class NotSignedIn(SignInRefused):
    """You were not signed in. Open the link in the chat again when you want to."""

    kind = "forbidden"


class OtherBrowser(SignInRefused):
    """This sign-in was not begun in this browser, or anew since. Open the link in the chat again."""

    kind = "forbidden"


class WorthlessLink(SignInRefused):
    """This link is not good, or not any more. Write to the bot in the chat again to get a new one."""

    kind = "missing"


class ForeignForm(SignInRefused):
    """This did not come from our own page. Open the link in the chat again."""

    kind = "forbidden"


class NotInDirectory(SignInRefused):
    """You signed in, but the directory knows nobody of this account. Sign in as somebody else, or ask IT."""

    kind = "forbidden"


class Disabled(SignInRefused):
    """You signed in, but the directory says that this account is disabled. Ask IT."""

    kind = "forbidden"
