"""Draws the pages of a policy: which calls, whose and when, and what happens."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from bot.cards.model import Dialog, Field, FieldKind, Option
from bot.cards.visible import visible
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.people import TECHNICIANS, Person, PersonId
from bot.domain.policies import (
    DESCRIPTION_LIMIT,
    EVERYONE,
    AllTools,
    Chosen,
    Policy,
    Skip,
    Standing,
)
from bot.domain.tools import Catalog, NotATool, ToolId, shortened
from bot.flow.commands.pages import counted
from bot.flow.forms.condition_rows import MOST, in_rows, row_fields, row_values
from bot.flow.forms.lookups import person_option
from bot.flow.forms.policy_fields import (
    ALL,
    EVERYBODY,
    EXCEPT,
    LISTED,
    NAME_LIMIT,
    NAMED,
    REASON_LIMIT,
    SOME,
    day_of,
    full_names,
    names_in,
)

_ACTIONS: Final = (
    Option(Action.AUTO.value, "auto: it runs at once"),
    Option(Action.STEP_UP.value, "step_up: after the requester has signed in once more"),
    Option(Action.APPROVAL_NEEDED.value, "approval_needed: people are asked first"),
    Option(Action.DISABLED.value, "disabled: it is refused"),
)
_OTHERWISE: Final = (*_ACTIONS, Option(Skip.SKIP.value, "skip: as if this policy did not exist"))
_SCOPES: Final = (
    Option(ALL, "All tools, also those added later"),
    Option(EXCEPT, "All tools except those chosen below"),
    Option(NAMED, "The tools chosen below"),
)
_WHO: Final = (Option(EVERYBODY, "Everyone"), Option(SOME, "The persons and groups chosen below"))
_FEW: Final = 10
"""Connectors that are shown at once; of more, one is found while one types."""
_STANDING: Final = (
    Option(Standing.UNSAID.value, "as usual: not for tools that destroy"),
    Option(Standing.ALLOWED.value, "allowed"),
    Option(Standing.FORBIDDEN.value, "forbidden"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What a page is drawn from, besides what stands in its fields."""

    policy: Policy
    is_new: bool
    values: JsonObject
    """What stands in the fields: the policy's own, or what was sent and is wrong."""


def calls_values(policy: Policy, *, is_new: bool) -> dict[str, JsonValue]:
    """Gives what stands on the first page for a policy."""
    scope = NAMED
    if isinstance(policy.tools, AllTools):
        scope = EXCEPT if policy.tools.excluded else ALL
    return {
        "name": policy.name,
        "description": policy.description,
        "connector": policy.connector,
        "scope": None if is_new and not policy.name else scope,
        **_stored("tools", full_names(policy.connector, policy.tools)),
    }


def whose_values(policy: Policy) -> dict[str, JsonValue]:
    """Gives what stands on the second page for a policy."""
    chosen = policy.subjects if isinstance(policy.subjects, Chosen) else Chosen()
    return {
        "who": EVERYBODY if policy.subjects == EVERYONE else SOME,
        **_stored("persons", sorted(chosen.persons)),
        **_stored("groups", sorted(chosen.groups)),
        **row_values(policy.conditions),
    }


def outcome_values(policy: Policy, before: Policy | None, zone: ZoneInfo) -> dict[str, JsonValue]:
    """Gives what stands on the third page for a policy."""
    group, quorum = next(iter(policy.requirement.groups.items()), (TECHNICIANS, 1))
    return {
        "action": None if before is None else policy.action.value,
        "otherwise": policy.otherwise.value,
        "manager": policy.requirement.manager,
        "group": group,
        "quorum": quorum,
        "standing": policy.standing.value,
        "ends": day_of(policy.ends, zone),
        "enabled": before is None or before.enabled,
        "reason": "",
    }


def calls_dialog(drawn: Drawing, catalog: Catalog) -> Dialog:
    """Gives the first page."""
    values = drawn.values
    longest = max(NAME_LIMIT, len(drawn.policy.name))
    fields = (
        Field(
            name="name", label="Name", kind=FieldKind.TEXT, required=True,
            value=values.get("name"), longest=longest, help="For example: Contractors never delete.",
        ),
        Field(
            name="description", label="Description", kind=FieldKind.TEXT,
            value=values.get("description"), longest=DESCRIPTION_LIMIT,
        ),
        _connector(values.get("connector"), catalog),
        Field(
            name="scope", label="Tools", kind=FieldKind.CHOICE, required=True,
            value=values.get("scope"), options=_SCOPES,
        ),
        *_several(
            drawn, "tools", "Chosen tools", lambda value: _tool_label(catalog, value),
            stored=len(names_in(drawn.policy.tools)),
            helping="Only this connector’s tools count.",
        ),
    )  # fmt: skip
    return _dialog(drawn, 1, "Which tools the policy is about.", fields)


def _connector(value: JsonValue, catalog: Catalog) -> Field:
    """Gives the field of the connector: all of them to choose from where they are few."""
    every = sorted({tool.connector for tool in catalog})
    is_known = not value or value in every
    kind = FieldKind.CHOICE if is_known and 0 < len(every) <= _FEW else FieldKind.LOOKUP
    options = _chosen(every if kind is FieldKind.CHOICE else value, _plain)
    return Field(
        name="connector", label="Connector", kind=kind, required=True, value=value or None, options=options
    )


def whose_dialog(drawn: Drawing, people: Mapping[PersonId, Person], *, rows: int) -> Dialog:
    """Gives the second page."""
    values = drawn.values
    subjects = drawn.policy.subjects if isinstance(drawn.policy.subjects, Chosen) else Chosen()
    left = len(in_rows(drawn.policy.conditions)[1])
    more = Field(
        name="more", label="Add more conditions", kind=FieldKind.CHECKBOX, value=values.get("more") is True,
        help="Shows this page again with more rows; nothing is lost.",
    )  # fmt: skip
    fields = (
        Field(
            name="who", label="Whose calls", kind=FieldKind.CHOICE, required=True,
            value=values.get("who"), options=_WHO,
        ),
        *_several(
            drawn, "persons", "Persons", lambda value: _person_label(people, value),
            stored=len(subjects.persons),
        ),
        *_several(
            drawn, "groups", "Groups", _plain, stored=len(subjects.groups),
        ),
        *row_fields(values, rows),
        *((more,) if rows < MOST else ()),
    )  # fmt: skip
    summary = "Whose calls the policy is about, and when. All conditions must hold; an empty row is none."
    if left:
        summary += (
            f" {counted(left, 'further condition')} of it stand{'s' if left == 1 else ''} in no row and "
            f"stay{'s' if left == 1 else ''}; a policy file can change that."
        )
    return _dialog(drawn, 2, summary, fields)


def outcome_dialog(drawn: Drawing) -> Dialog:
    """Gives the third page."""
    values, policy = drawn.values, drawn.policy
    otherwise = Field(
        name="otherwise", label="What a call does if a condition does not hold", kind=FieldKind.CHOICE,
        value=values.get("otherwise"), options=_OTHERWISE,
    )  # fmt: skip
    several = len(policy.requirement.groups) > 1
    summary = "What happens to such a call."
    if several:
        asks = ", ".join(f"{count} of {group}" for group, count in sorted(policy.requirement.groups.items()))
        summary += f" It asks {visible(asks, set())}, and that stays; a policy file can change it."
    fields = (
        Field(
            name="action", label="What a call does", kind=FieldKind.CHOICE, required=True,
            value=values.get("action"), options=_ACTIONS,
        ),
        *((otherwise,) if policy.conditions else ()),
        Field(
            name="manager", label="Ask the requester’s manager too", kind=FieldKind.CHECKBOX,
            value=values.get("manager") is True, help="Only where approval is needed.",
        ),
        *(() if several else _seat_fields(values)),
        Field(
            name="standing", label="Standing approvals", kind=FieldKind.CHOICE,
            value=values.get("standing"), options=_STANDING,
        ),
        Field(
            name="ends", label="Last day", kind=FieldKind.DATE, value=values.get("ends") or None,
            help="It ends when this day is over. Leave it empty for no end.",
        ),
        Field(
            name="enabled", label="Switched on", kind=FieldKind.CHECKBOX,
            value=values.get("enabled") is True,
        ),
        Field(
            name="reason", label="Reason", kind=FieldKind.TEXT, value=values.get("reason"),
            longest=REASON_LIMIT, help="Stands in the history, for whoever looks at it later.",
        ),
    )  # fmt: skip
    return _dialog(drawn, 3, summary, fields)


def _stored(name: str, stored: list[str]) -> dict[str, JsonValue]:
    """Gives what stands in a field of several things: nothing where they are too many to be shown."""
    if len(stored) > LISTED:
        return {name: [], f"keep_{name}": True}
    return {name: [*stored]}


def _several(
    drawn: Drawing, name: str, label: str, label_of: Callable[[str], str], *, stored: int, helping: str = ""
) -> tuple[Field, ...]:
    """Gives the field of several things, with a box to keep those that it is too small to show."""
    options = _chosen(drawn.values.get(name), label_of)
    field = Field(
        name=name, label=label, kind=FieldKind.LOOKUPS, value=[option.value for option in options],
        options=options, help=helping,
    )  # fmt: skip
    if stored <= LISTED:
        return (field,)
    keep = Field(
        name=f"keep_{name}", label=f"{label}: keep the {stored} that there are", kind=FieldKind.CHECKBOX,
        value=drawn.values.get(f"keep_{name}") is True,
        help="They are too many to be shown. What is chosen below comes to them, or stands alone.",
    )  # fmt: skip
    return (keep, field)


def _seat_fields(values: JsonObject) -> tuple[Field, ...]:
    return (
        Field(
            name="group", label="Who approves", kind=FieldKind.LOOKUP, value=values.get("group") or None,
            options=_chosen(values.get("group"), _plain),
            help=f"A group; {TECHNICIANS} are all technicians and admins.",
        ),
        Field(
            name="quorum", label="How many of them", kind=FieldKind.NUMBER, value=values.get("quorum"),
        ),
    )  # fmt: skip


def _dialog(drawn: Drawing, number: int, summary: str, fields: tuple[Field, ...]) -> Dialog:
    title = f"{'New policy' if drawn.is_new else 'Edit policy'}: {number} of 3"
    name = shortened(visible(drawn.policy.name, set()), 200)
    return Dialog(
        title=title,
        submit="Next",
        summary=f"{name}\n{summary}" if name else summary,
        fields=fields,
    )


def _chosen(value: JsonValue, label: Callable[[str], str]) -> tuple[Option, ...]:
    """Gives what is chosen as options, each once."""
    items: Iterable[JsonValue] = value if isinstance(value, list | tuple) else [value]
    texts = dict.fromkeys(one for one in items if isinstance(one, str) and one)
    return tuple(Option(text, label(text)) for text in texts)


def _plain(value: str) -> str:
    return visible(shortened(value, 200), set())


def _tool_label(catalog: Catalog, value: str) -> str:
    try:
        tool = catalog.get(ToolId.parse(value))
    except NotATool:
        tool = None
    if tool is None:
        return f"{_plain(value)} (not offered)"
    return f"{tool.id.name} · {visible(tool.definition.plain_title, set())}"


def _person_label(people: Mapping[PersonId, Person], value: str) -> str:
    found = people.get(PersonId(value))
    return person_option(found).label if found else f"{_plain(value)} (not in the directory)"
