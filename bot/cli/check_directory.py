"""`countersign check directory`: what the directory says, of its roles or of one person."""

from pathlib import Path

from bot.app import Deployment
from bot.cli.accounts import person_named
from bot.cli.directory_findings import gap_findings, mistakes, no_people_file, provider_findings, role_groups
from bot.cli.finding import Finding, Level, tell
from bot.cli.frame import Frame
from bot.cli.people_shown import ties_of
from bot.cli.person_seen import seen, seen_document, seen_findings, seen_text
from bot.cli.sign_in_findings import sign_in_findings
from bot.documents.findings import BadDocument
from bot.domain.people import TenantId
from bot.ports.directory import DirectoryUnreachable
from bot.settings.directories import DirectorySettings, directory_settings


async def check_directory(use: Frame, said: str | None) -> bool:
    """Prints what the directory says, of one person where one is named; False where something is wrong.

    Raises:
        NobodyNamed: nobody has the address or the id.
        TwoNamed: two persons have it.
        NoSuchTenant: there is no such tenant.
    """
    own = use.settings()
    tenant = TenantId(use.tenant or own.tenant_id)
    is_further = tenant != own.tenant_id
    if is_further:
        # Its id is a part of a path, so it has to be there before anything is read.
        async with use.deployment():
            pass
    file = own.files_of(tenant).directory
    try:
        settings = directory_settings(file)
    except BadDocument as bad:
        return tell(use, list(mistakes(file, bad)))
    found = [*sign_in_findings(settings)] if said is None else []
    missing = no_people_file(settings.access, is_further=is_further)
    if missing is not None:
        return tell(use, [*found, missing])
    async with use.deployment() as deployment:
        if said is None:
            found += [one async for one in provider_findings(deployment.directory, settings, file)]
            return tell(use, found)
        return await _person(use, deployment, settings, file, said)


async def _person(
    use: Frame, deployment: Deployment, settings: DirectorySettings, file: Path, said: str
) -> bool:
    found: list[Finding] = []
    try:
        found += await gap_findings(deployment.directory)
        person = await person_named(deployment.directory, said)
        ties = [one for one in await ties_of(deployment) if one.person == person.id]
        sight = await seen(deployment.directory, person, role_groups(settings), ties)
    except DirectoryUnreachable as refusal:
        return tell(use, [*found, Finding("directory", Level.WRONG, refusal.sentence)])
    found += seen_findings(sight, file)
    return tell(use, found, more=seen_document(sight), above=f"{seen_text(sight, use.tenant)}\n")
