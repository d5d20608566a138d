"""Why a demo tool did not do what it was asked; each sentence says what to do instead."""

from typing import ClassVar

from bot.domain.errors import Refusal


class CannotOpenEstate(Refusal):
    """The demo's database cannot be used: {reason}. Choose another file."""


class EstateUnavailable(Refusal):
    """Acme's systems did not answer ({reason}). Nothing was changed; try again in a moment."""

    kind: ClassVar[str] = "unavailable"


class BadArguments(Refusal):
    """{problems} Correct the arguments and try again."""


class UnknownAccount(Refusal):
    """Nobody at Acme has the address {user}. Check the spelling, or find the person with search_users."""

    kind: ClassVar[str] = "missing"


class UnknownApp(Refusal):
    """Acme has no app called “{app}”. Use one of: {known}."""

    kind: ClassVar[str] = "missing"


class UnknownGroup(Refusal):
    """Acme has no group called “{group}”. Use one of: {known}."""

    kind: ClassVar[str] = "missing"


class UnknownDevice(Refusal):
    """Acme has no device called “{device}”. Find its name with list_devices."""

    kind: ClassVar[str] = "missing"


class HasAccess(Refusal):
    """{name} already has {level} access to {app}. There is nothing to do."""

    kind: ClassVar[str] = "conflict"


class HasMoreAccess(Refusal):
    """{name} already has {level} access to {app}, which is more. To lower it, use revoke_app_access first."""

    kind: ClassVar[str] = "conflict"


class NoAccess(Refusal):
    """{name} has no access to {app}. There is nothing to take away."""

    kind: ClassVar[str] = "conflict"


class NoFreeLicence(Refusal):
    """All {total} licences of {app} are in use. Take one back with revoke_app_access, or use add_licences."""

    kind: ClassVar[str] = "conflict"


class IsMember(Refusal):
    """{name} is already in {group}. There is nothing to do."""

    kind: ClassVar[str] = "conflict"


class IsNotMember(Refusal):
    """{name} is not in {group}. There is nothing to take away."""

    kind: ClassVar[str] = "conflict"


class AddressTaken(Refusal):
    """{user} already belongs to {name}. Choose another address."""

    kind: ClassVar[str] = "conflict"


class ForeignAddress(Refusal):
    """{user} is not an Acme address. Choose one that ends in @{domain}."""


class IsNotLocked(Refusal):
    """The account of {name} is not locked. If they cannot sign in, use reset_password."""

    kind: ClassVar[str] = "conflict"


class DeviceIsLocked(Refusal):
    """{device} is already locked. There is nothing to do."""

    kind: ClassVar[str] = "conflict"


class DeviceIsWiped(Refusal):
    """{device} has been wiped. There is nothing left on it to do this with."""

    kind: ClassVar[str] = "conflict"


class HasNoRecoveryKey(Refusal):
    """{device} has no recovery key. Only laptops that are not wiped have one."""

    kind: ClassVar[str] = "missing"
