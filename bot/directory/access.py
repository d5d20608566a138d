"""Whatever gives the bot access to an organisation's people."""

from bot.directory.entra.access import EntraAccess
from bot.directory.file_access import FileAccess
from bot.directory.google.access import GoogleAccess
from bot.directory.okta.access import OktaAccess
from bot.directory.scim.access import ScimAccess

Access = FileAccess | EntraAccess | OktaAccess | GoogleAccess | ScimAccess
