"""Opens the identity provider that the settings name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.directory.access import Access
from bot.directory.entra.access import EntraAccess
from bot.directory.entra.directory import EntraDirectory
from bot.directory.file import FileDirectory
from bot.directory.file_access import FileAccess
from bot.directory.google.access import GoogleAccess
from bot.directory.google.directory import GoogleDirectory
from bot.directory.okta.access import OktaAccess
from bot.directory.okta.directory import OktaDirectory
from bot.directory.recent import Limit, RecentDirectory, each_time
from bot.directory.roles import RoleGroups
from bot.directory.scim.access import ScimAccess
from bot.directory.scim.directory import ScimDirectory
from bot.ports.directory import Directory, IdentityProvider
from bot.ports.outside import Clock


@asynccontextmanager
async def opened_provider(
    access: Access, roles: RoleGroups, *, clock: Clock
) -> AsyncIterator[IdentityProvider]:
    """Gives the provider while the block lasts; nothing is asked of it yet.

    Args:
        access: what the bot has been given to ask it.
        roles: which of its groups give a role; a people file says that itself.
        clock: the time, for what is signed.
    """
    match access:
        case FileAccess():
            yield FileDirectory(access.path)
        case ScimAccess():
            async with ScimDirectory(access, roles) as scim:
                yield scim
        case EntraAccess():
            async with EntraDirectory(access, roles) as entra:
                yield entra
        case OktaAccess():
            async with OktaDirectory(access, roles, clock=clock) as okta:
                yield okta
        case GoogleAccess():
            async with GoogleDirectory(access, roles) as google:
                yield google


@asynccontextmanager
async def opened_directory(
    access: Access, roles: RoleGroups, *, clock: Clock, limit: Limit
) -> AsyncIterator[Directory]:
    """Gives the directory over that provider; what is as quick as memory is asked each time.

    Args:
        access: what the bot has been given to ask it.
        roles: which of its groups give a role.
        clock: the time.
        limit: how old an answer may be.
    """
    async with opened_provider(access, roles, clock=clock) as provider:
        is_quick = isinstance(access, FileAccess)
        yield RecentDirectory(provider, clock=clock, limit=each_time if is_quick else limit)
