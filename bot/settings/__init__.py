"""Everything that is told from outside: nothing else reads the environment."""

from bot.settings.data_dir import (
    DATABASE_FILE,
    DEFAULT_DATA_DIR,
    DEPLOYMENT_FILE,
    KEY_FILE,
    BadDeploymentFile,
    BadSecretKey,
    NoDataDirectory,
    write_deployment,
)
from bot.settings.deployment import PREFIX, BadSettings, Settings, TwoDeployments
from bot.settings.slack import BadSlackSettings, SlackSettings
from bot.settings.teams import BadTeamsSettings, TeamsSettings
from bot.settings.variables import slack_misses, teams_misses, unknown_variables

__all__ = [
    "DATABASE_FILE",
    "DEFAULT_DATA_DIR",
    "DEPLOYMENT_FILE",
    "KEY_FILE",
    "PREFIX",
    "BadDeploymentFile",
    "BadSecretKey",
    "BadSettings",
    "BadSlackSettings",
    "BadTeamsSettings",
    "NoDataDirectory",
    "Settings",
    "SlackSettings",
    "TeamsSettings",
    "TwoDeployments",
    "slack_misses",
    "teams_misses",
    "unknown_variables",
    "write_deployment",
]
