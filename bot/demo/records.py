"""What the demo's tools take and what they give, as pydantic models; the JSON Schemas are made from them."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from typing_extensions import override

Level = Literal["viewer", "member", "admin"]
LEVELS: tuple[Level, ...] = ("viewer", "member", "admin")
"""Access levels, least first."""

EMAIL_PATTERN = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
EMAIL_MAX = 254  # Source: RFC 3696 errata 1690, the longest address that can be delivered to

Address = Annotated[
    str, Field(pattern=EMAIL_PATTERN, max_length=EMAIL_MAX, json_schema_extra={"format": "email"})
]
User = Annotated[Address, Field(description="The person's e-mail address, such as alice@acme.test.")]
App = Annotated[
    str, Field(description="The app's id or name, such as Zendesk.", min_length=1, max_length=100)
]
Group = Annotated[
    str, Field(description="The group's id or name, such as vpn-users.", min_length=1, max_length=100)
]
Device = Annotated[
    str, Field(description="The device's id or name, such as ACME-LT-1001.", min_length=1, max_length=100)
]
Words = Annotated[str, Field(pattern=r"\S", max_length=100)]


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Count = Annotated[int, BeforeValidator(_whole)]
"""A whole number as JSON Schema means it: 1.0 is one, "1" and true are not."""


class Arguments(BaseModel):
    """What a tool takes: nothing unnamed, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Record(BaseModel):
    """What a tool gives."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PlainSchema(GenerateJsonSchema):
    """JSON Schemas without the titles that pydantic makes up from names."""

    @override
    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def schema_of(model: type[BaseModel], *, mode: Literal["validation", "serialization"]) -> JsonSchemaValue:
    """Gives the JSON Schema of a model, without its Python name and docstring."""
    schema = model.model_json_schema(schema_generator=PlainSchema, mode=mode)
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("title", None)
        part.pop("description", None)
    return schema


class Nothing(Arguments):
    """No arguments."""


class OfUser(Arguments):
    """One person."""

    user: User


class OfGroup(Arguments):
    """One group."""

    group: Group


class OfDevice(Arguments):
    """One device."""

    device: Device


class Membership(Arguments):
    """One person and one group."""

    user: User
    group: Group


class OfUserAndApp(Arguments):
    """One person and one app."""

    user: User
    app: App


class GrantAccess(Arguments):
    """One person, one app and how much they may do in it."""

    user: User
    app: App
    level: Level = Field(
        description="How much the person may do: look only, do everyday work, or run the app."
    )


class AddLicences(Arguments):
    """One app and how many licences more."""

    app: App
    count: Count = Field(description="How many licences to buy.", ge=1, le=100)


class SearchUsers(Arguments):
    """Words to look for."""

    query: Words = Field(description="Part of a name, e-mail address, title or department.")
    limit: Count = Field(default=20, description="The most people to give.", ge=1, le=100)


class LockDevice(Arguments):
    """One device and a note for whoever finds it."""

    device: Device
    message: str = Field(default="", description="Shown on the locked screen, if given.", max_length=200)


class CreateUser(Arguments):
    """A new person."""

    name: Words = Field(description="The person's full name.")
    email: Address = Field(description="Their new address; it ends in @acme.test.")
    title: Words = Field(description="Their job title.")
    department: Words = Field(description="Their department, such as Sales.")
    manager: Address | None = Field(
        default=None, description="Their manager's e-mail address. Leave out if they have none."
    )


class Account(Record):
    """One person's account."""

    id: str
    name: str
    email: str
    title: str
    department: str
    manager: str | None = Field(description="The manager's e-mail address; null if there is none.")
    enabled: bool
    locked: bool = Field(description="Locked after too many wrong passwords.")
    mfa: Literal["authenticator_app", "security_key", "none"] = Field(description="The second sign-in step.")
    groups: tuple[str, ...] = Field(description="Ids of the person's groups, in alphabetical order.")


class Accounts(Record):
    """Several people."""

    users: tuple[Account, ...]
    more: bool = Field(description="Whether more people matched than are given here.")


class AppAccess(Record):
    """One person's access to one app."""

    user: str
    app: str = Field(description="The app's id.")
    name: str = Field(description="The app's name.")
    level: Level
    since: str = Field(description="When it was given; UTC, ISO 8601.")


class AppAccessList(Record):
    """Everything that one person has access to."""

    user: str
    access: tuple[AppAccess, ...]


class AppRecord(Record):
    """One app and its licences."""

    id: str
    name: str
    description: str
    category: str
    licences: int = Field(description="Licences that Acme owns.")
    used: int = Field(description="Licences in use.")
    free: int = Field(description="Licences nobody uses.")
    yearly_price_usd: int = Field(description="What one licence costs a year, in US dollars.")


class AppList(Record):
    """Several apps."""

    apps: tuple[AppRecord, ...]


class GroupRecord(Record):
    """One group."""

    id: str
    name: str
    description: str
    members: int


class GroupList(Record):
    """Several groups."""

    groups: tuple[GroupRecord, ...]


class MemberList(Record):
    """Who is in a group."""

    group: str
    members: tuple[str, ...] = Field(description="The members' e-mail addresses, in alphabetical order.")


class MembershipRecord(Record):
    """Whether someone is in a group, after the change."""

    user: str
    group: str
    member: bool


class DeviceRecord(Record):
    """One device."""

    id: str
    name: str
    model: str
    kind: Literal["laptop", "phone"]
    owner: str | None = Field(description="The owner's e-mail address; null if nobody has it.")
    state: Literal["in_use", "locked", "wiped"]


class DeviceList(Record):
    """Several devices."""

    devices: tuple[DeviceRecord, ...]


class RecoveryKey(Record):
    """What unlocks a laptop's disk. A secret."""

    device: str
    recovery_key: str = Field(
        description="Unlocks the laptop's disk. A secret.", json_schema_extra={"format": "password"}
    )


class ResetSent(Record):
    """That a link was sent; never a password."""

    user: str
    sent_to: str = Field(description="Where the one-time link went.")
    sent_at: str = Field(description="UTC, ISO 8601.")


class Deleted(Record):
    """What went away together with an account."""

    user: str
    apps: tuple[str, ...] = Field(description="Ids of the apps whose licences are free again.")
    devices: tuple[str, ...] = Field(description="Ids of the devices that nobody has now.")


class Revoked(Record):
    """Access that was taken away."""

    user: str
    app: str
    level: Level = Field(description="What the person had before.")
