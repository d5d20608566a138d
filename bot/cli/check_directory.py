"""`countersign check directory`: what the directory says, of its roles or of one person."""

from pathlib import Path

from bot.app import Deployment
from bot.cli.accounts import person_named
from bot.cli.directory_findings import gap_findings, mistakes, no_people_file, provider_findings, role_groups
from bot.cli.finding import Finding, Level, tell
from bot.cli.frame import Frame
from bot.cli.people_shown import ties_of
from bot.cli.person_seen import seen, seen_document, seen_findings, seen_text
from bot.documents.findings import BadDocument
from bot.domain.people import TenantId
from bot.ports.directory import DirectoryUnreachable
from bot.settings.directories import DirectorySettings, directory_settings


async def check_directory(use: Frame, said: str | None) -> bool:
    """Prints what the directory says, of one person where one is named; False where something is wrong.

    Raises:
        NobodyNamed: nobody has the address or the id.
        TwoNamed: two persons have it.
    """
    own = use.settings()
    file = own.files_of(TenantId(use.tenant or own.tenant_id)).directory
    try:
        settings = directory_settings(file)
    except BadDocument as bad:
        return tell(use, list(mistakes(file, bad)))
    missing = no_people_file(settings.access)
    if missing is not None:
        return tell(use, [missing])
    async with use.deployment() as deployment:
        if said is None:
            found = [one async for one in provider_findings(deployment.directory, settings, file)]
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
    return tell(use, found, more=seen_document(sight), above=f"{seen_text(sight)}\n")
