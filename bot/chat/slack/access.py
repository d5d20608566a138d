"""What Slack gave us to come in with, and where Slack is."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

SLACK_API: Final = "https://slack.com/api/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The app's tokens and secrets; empty texts for what is not there."""

    bot_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    api_url: str = SLACK_API
    public_url: str = ""
    triage: str = ""

    @property
    def is_stand_in(self) -> bool:
        """Whether it is a stand-in for Slack on this machine, which may know less than Slack does."""
        return (urlsplit(self.api_url).hostname or "") in {"127.0.0.1", "::1", "localhost"}

    @property
    def authorize_url(self) -> str:
        """Where people allow the installation into a workspace."""
        return f"{self.api_url.rstrip('/').removesuffix('/api')}/oauth/v2/authorize"
