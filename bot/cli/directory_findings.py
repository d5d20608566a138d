"""What `check` and `check directory` say of an organisation's directory, whichever it is."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from bot.app import SystemClock
from bot.cli.finding import Finding, Level
from bot.cli.frame import counted
from bot.cli.people_views import plain
from bot.cli.sign_in_findings import sign_in_findings
from bot.directory.access import Access
from bot.directory.entra.access import EntraAccess
from bot.directory.file import FileDirectory
from bot.directory.file_access import FileAccess
from bot.directory.google.access import GoogleAccess
from bot.directory.okta.access import OktaAccess
from bot.directory.opened import opened_provider
from bot.directory.people import read_people
from bot.directory.roles import MSP_GROUPS, RoleGroups
from bot.directory.scim.access import ScimAccess
from bot.documents.findings import BadDocument
from bot.domain.errors import Refusal
from bot.domain.people import TECHNICIANS, Person, Role
from bot.domain.terminal import in_terminal
from bot.ports.directory import AmbiguousGroup, DirectoryUnreachable, Gap, IdentityProvider
from bot.settings.directories import DirectorySettings, directory_settings

_PEOPLE: Final = """\
version: 1
roles: {technician: [it-support], admin: [it-admins]}
fallback_group: it-admins
people:
  - {id: u1, name: Alice Archer, email: alice@acme.test, manager: u2, groups: [sales]}
  - {id: u2, name: Ada Adeyemi, email: ada@acme.test, groups: [it-admins]}"""
_ABOUT: Final = "people"
_DIRECTORY: Final = "directory"
_NAMED: Final = 10
"""Persons that are named; of more, how many they are says enough."""


async def people_findings(file: Path, *, ask: bool, tenant: str = "") -> AsyncIterator[Finding]:
    """Gives what `check` says of the directory; without `ask`, no provider elsewhere is asked anything.

    `tenant` is whose it is, if that is not the deployment's own one.
    """
    try:
        settings = directory_settings(file)
    except BadDocument as bad:
        for finding in mistakes(file, bad):
            yield finding
        return
    for finding in sign_in_findings(settings):
        yield finding
    missing = no_people_file(settings.access, is_further=bool(tenant))
    if missing is not None:
        yield missing
    elif ask or isinstance(settings.access, FileAccess):
        async for finding in _asked(settings, file):
            yield finding
    else:
        ask_it = in_terminal("check directory", tenant)
        sentence = f"{file} names {provider_name(settings.access)}. To ask it: {ask_it}"
        yield Finding(_ABOUT, Level.OK, sentence)


async def _asked(settings: DirectorySettings, file: Path) -> AsyncIterator[Finding]:
    """Gives what the provider itself says."""
    access = settings.access
    try:
        async with opened_provider(access, settings.roles, clock=SystemClock()) as provider:
            for finding in await gap_findings(provider):
                yield finding
            technicians = await provider.members(TECHNICIANS)
            yield Finding(_ABOUT, Level.OK, await _summary(provider, access, technicians))
            for finding in _deciders(technicians, where="it" if isinstance(access, FileAccess) else file):
                yield finding
            stand_in = await _stand_in(provider)
            if stand_in.level is not Level.OK:
                yield stand_in
    except Refusal as refusal:
        yield Finding(_ABOUT, Level.WRONG, refusal.sentence)


async def provider_findings(
    directory: IdentityProvider, settings: DirectorySettings, file: Path
) -> AsyncIterator[Finding]:
    """Gives what `check directory` says: whether the provider answers, and what it says of the roles."""
    try:
        lacking = await gap_findings(directory)
        for finding in lacking:
            yield finding
        technicians = await directory.members(TECHNICIANS)
        yield Finding(_DIRECTORY, Level.OK, _answers(settings.access, is_whole=not lacking))
        for finding in _deciders(technicians, where=file):
            yield finding
        for role in (Role.TECHNICIAN, Role.ADMIN):
            async for finding in _role(directory, settings, role, technicians):
                yield finding
        yield await _stand_in(directory)
    except DirectoryUnreachable as refusal:
        yield Finding(_DIRECTORY, Level.WRONG, refusal.sentence)


def mistakes(file: Path, bad: BadDocument) -> Iterator[Finding]:
    """Gives the mistakes of a directory file, each with its line."""
    for one in bad.findings:
        yield Finding(f"{file} line {one.line}", Level.WRONG, one.sentence)


def no_people_file(access: Access, *, is_further: bool) -> Finding | None:
    """Gives what to do where a people file is not there yet; a further tenant's is in its folder."""
    if not isinstance(access, FileAccess) or access.path.exists():
        return None
    other = "" if is_further else ", or name another with COUNTERSIGN_DIRECTORY_FILE"
    sentence = (
        f"There is no people file {access.path}. Write one there{other}. It looks like this:\n{_PEOPLE}"
    )
    return Finding(_ABOUT, Level.WRONG, sentence)


async def gap_findings(directory: IdentityProvider) -> list[Finding]:
    """Gives the permissions that the bot lacks.

    Raises:
        DirectoryUnreachable: the provider does not say.
    """
    return [_lacking(gap) for gap in await directory.gaps()]


def provider_name(access: Access) -> str:
    """Gives what people call the provider, as it stands within a sentence."""
    match access:
        case FileAccess(path=path):
            return f"the people file {path}"
        case EntraAccess():
            return "Microsoft Entra ID"
        case OktaAccess():
            return "Okta"
        case GoogleAccess():
            return "Google Workspace"
        case ScimAccess():
            return "the SCIM server"


def role_groups(settings: DirectorySettings) -> RoleGroups:
    """Gives which groups give a role; a people file says that itself.

    Raises:
        DirectoryUnreachable: it cannot be read.
    """
    access = settings.access
    if not isinstance(access, FileAccess):
        return settings.roles
    try:
        text = access.path.read_text(encoding="utf-8")
        return read_people(text, file=str(access.path)).role_groups
    except (OSError, UnicodeDecodeError, BadDocument):
        raise DirectoryUnreachable from None


def names(people: Sequence[Person]) -> str:
    """Gives the names of the first few, and how many more there are."""
    more = len(people) - _NAMED
    shown = ", ".join(plain(person.name) for person in people[:_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown


def _answers(access: Access, *, is_whole: bool) -> str:
    has_permissions = is_whole and not isinstance(access, FileAccess)
    well = " The bot lacks no permission there." if has_permissions else ""
    return f"{_first(access)} answers.{well}"


def _first(access: Access) -> str:
    """Gives what people call the provider, as it begins a sentence."""
    name = provider_name(access)
    return name[:1].upper() + name[1:]


def _lacking(gap: Gap) -> Finding:
    level = Level.WRONG if gap.is_needed else Level.NOTE
    return Finding("permission", level, f"The bot has not been granted {gap.permission}. {gap.without}")


async def _summary(provider: IdentityProvider, access: Access, technicians: Sequence[Person]) -> str:
    admins = counted(sum(person.is_admin for person in technicians), "admin")
    if isinstance(access, FileAccess) and isinstance(provider, FileDirectory):
        everyone = counted(len(await provider.everyone()), "person", "people")
        return f"{access.path} has {everyone}, {admins} among {len(technicians)} who can approve."
    return f"{_first(access)} answers, with {admins} among {len(technicians)} who can approve."


def _deciders(technicians: Iterable[Person], *, where: object) -> Iterator[Finding]:
    found = list(technicians)
    if not found:
        sentence = (
            f"Nobody has the role technician or admin, so nothing can be approved. Set roles in {where}."
        )
        yield Finding(_ABOUT, Level.WRONG, sentence)
    elif not any(person.is_admin for person in found):
        sentence = "Nobody has the role admin, so policies change on the command line."
        yield Finding(_ABOUT, Level.NOTE, sentence)


async def _role(
    directory: IdentityProvider, settings: DirectorySettings, role: Role, technicians: Sequence[Person]
) -> AsyncIterator[Finding]:
    about = f"role {role}"
    holders = [person for person in technicians if role in person.roles]
    if holders:
        many = counted(len(holders), "person has", "people have")
        yield Finding(about, Level.OK, f"{many} it: {names(holders)}.")
    groups = role_groups(settings)
    said = groups.technician if role is Role.TECHNICIAN else groups.admin
    for group in sorted(groups.by_role[role]):
        found = await _group(directory, group, about, is_said=group in said)
        if found is not None:
            yield found
        if isinstance(settings.access, EntraAccess) and group == MSP_GROUPS[role]:
            async for finding in _not_made(directory, group, about):
                yield finding


async def _group(directory: IdentityProvider, group: str, about: str, *, is_said: bool) -> Finding | None:
    """Gives what to say of a group that gives a role; nothing of one that always would, and has nobody."""
    try:
        is_there = await directory.has_group(group)
        inside = await directory.members(group)
        if group == TECHNICIANS:
            # The word stands for a role, too, and then for people of other groups.
            inside = tuple(person for person in inside if group in person.groups)
    except AmbiguousGroup as refusal:
        return Finding(about, Level.WRONG, refusal.sentence)
    if inside:
        many = counted(len(inside), "person is", "people are")
        return Finding(about, Level.OK, f"The group “{group}” gives it; {many} in it.")
    if not is_said:
        return None
    if is_there:
        return Finding(about, Level.NOTE, f"Nobody enabled is in the group “{group}”, which gives it.")
    sentence = f"No group has the name “{group}”. Unless that is a group’s id, it gives nobody the role."
    return Finding(about, Level.NOTE, sentence)


async def _not_made(directory: IdentityProvider, group: str, about: str) -> AsyncIterator[Finding]:
    """Gives a warning where a group that always gives a role is not there; employees may make groups.

    Source: https://learn.microsoft.com/en-us/entra/identity/users/groups-self-service-management
    """
    try:
        is_there = await directory.has_group(group) or bool(await directory.members(group))
    except AmbiguousGroup:
        # That is told already, and nobody has the role by it.
        return
    if not is_there:
        sentence = (
            f"There is no group “{group}”, which always gives it. Where employees may make groups, anybody "
            "can make it and have the role: make it yourself, empty if you do not use it, or let only "
            "administrators make groups (Entra admin center: Groups → General)."
        )
        yield Finding(about, Level.NOTE, sentence)


async def _stand_in(directory: IdentityProvider) -> Finding:
    about, group = "fallback group", await directory.fallback_group()
    try:
        inside = await directory.members(group)
        if group == TECHNICIANS:
            # The word stands for a role, too, and then for people of other groups.
            inside = tuple(person for person in inside if group in person.groups)
    except AmbiguousGroup as refusal:
        return Finding(about, Level.WRONG, refusal.sentence)
    if inside:
        sentence = f"{group} stands in for missing managers: {names(inside)}."
        return Finding(about, Level.OK, sentence)
    sentence = f"Nobody enabled is in the fallback group {group}, who stands in for missing managers."
    return Finding(_ABOUT, Level.WRONG, sentence)
