"""Who may use which command, by the roles that the directory gives now."""

from bot.domain.people import TECHNICIANS, Person, Role
from bot.flow.commands.form import Form
from bot.flow.commands.refusals import OnlyAdmins, OnlyTechnicians
from bot.flow.refusals import DisabledPerson


def may_use(form: Form, person: Person) -> bool:
    """Whether the person has the role that the command needs."""
    match form.needs:
        case Role.ADMIN:
            return person.is_admin
        case Role.TECHNICIAN:
            return person.sits_in(TECHNICIANS)
        case Role.EMPLOYEE:
            return person.enabled


def check_may_use(form: Form, person: Person) -> None:
    """Passes if the person may use the command.

    Raises:
        DisabledPerson: their account is disabled.
        OnlyAdmins, OnlyTechnicians: they have not the role for it.
    """
    if not person.enabled:
        raise DisabledPerson(name=person.name)
    if not may_use(form, person):
        refusal = OnlyAdmins if form.needs is Role.ADMIN else OnlyTechnicians
        raise refusal(may=form.may)
