"""Writing a policy file: the same content gives the same text, and reading it gives the content back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from io import StringIO
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from bot.domain.canonical import JsonObject, JsonValue, canonical
from bot.domain.grants import (
    AnyArguments,
    ArgumentScope,
    ExactArguments,
    Grant,
    Holder,
    HolderGroup,
    HolderPerson,
)
from bot.domain.people import TECHNICIANS
from bot.domain.policies import (
    AllTools,
    Chosen,
    Condition,
    NamedTools,
    Policy,
    Requirement,
    Standing,
    Subjects,
    ToolScope,
)
from bot.flow.wanted import grant_words
from bot.ports.policy_files import TENANT_DEFAULT, Content, Emails

_TOP: Final = ("version", "defaults", "policies", "grants")

_BLOCKS: Final = 3
"""Levels of a file that get a line for each entry; what lies deeper stands in one line."""


def document(content: Content, emails: Emails) -> JsonObject:
    """Gives the file's content as a JSON value, policies by name, standing approvals by what they say.

    That of one connector names its own default only, if it has one.
    """
    only, defaults = content.connector, content.defaults
    tenant = {} if only else {TENANT_DEFAULT: defaults.tenant.value}
    own = {name: action.value for name, action in sorted(defaults.connectors.items()) if only in {"", name}}
    policies = [policy for policy in content.policies if only in {"", policy.connector}]
    written: dict[str, JsonValue] = {"version": 1}
    if tenant or own:
        written["defaults"] = {**tenant, **own}
    written["policies"] = [
        _policy(policy, emails) for policy in sorted(policies, key=lambda policy: policy.name)
    ]
    grants = [grant for grant in content.grants if only in {"", grant.tool.connector}]
    ordered = sorted(grants, key=lambda grant: canonical(grant_words(grant)))
    if ordered:
        written["grants"] = [_grant(grant, emails) for grant in ordered]
    return written


def write_text(content: JsonObject) -> str:
    """Gives the content as YAML text."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 1_000_000
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    yaml.dump(_styled(content, _BLOCKS), out)
    # The writer leaves some hidden characters as they are; all of them stand between double quotes.
    return "".join(sign if sign.isprintable() or sign == "\n" else _escaped(sign) for sign in out.getvalue())


def _escaped(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if sign <= "\uffff" else f"\\U{ord(sign):08x}"


def _styled(value: JsonValue, blocks: int) -> object:
    if isinstance(value, Mapping):
        table = CommentedMap({_text(name): _styled(inner, blocks - 1) for name, inner in value.items()})
        if blocks <= 0:
            table.fa.set_flow_style()
        return table
    if isinstance(value, list | tuple):
        listing = CommentedSeq([_styled(inner, blocks - 1) for inner in value])
        if blocks <= 0:
            listing.fa.set_flow_style()
        return listing
    return _text(value) if isinstance(value, str) else value


def _text(text: str) -> str:
    """Gives the text so marked that it reads back: hidden characters as escapes, odd beginnings quoted.

    The YAML writer leaves texts plain that begin with a colon or a question mark; its reader trips over them.
    """
    is_plain = text.isprintable() and not text.startswith((":", "?"))
    return text if is_plain else DoubleQuotedScalarString(text)


def _policy(policy: Policy, emails: Emails) -> JsonObject:
    written: dict[str, JsonValue] = {"name": policy.name}
    if policy.description:
        written["description"] = policy.description
    written["connector"] = policy.connector
    written["tools"] = _tools(policy.tools)
    written["subjects"] = _subjects(policy.subjects, emails)
    if policy.conditions:
        written["when"] = [_condition(condition) for condition in policy.conditions]
    written["action"] = policy.action.value
    if policy.conditions or policy.otherwise != "disabled":
        written["otherwise"] = policy.otherwise.value
    written.update(_requirement(policy.requirement))
    if policy.standing is not Standing.UNSAID:
        written["standing"] = policy.standing.value
    if policy.ends is not None:
        written["ends"] = _moment(policy.ends)
    if not policy.enabled:
        written["enabled"] = False
    return written


def _tools(tools: ToolScope) -> JsonValue:
    match tools:
        case NamedTools(names=names):
            return sorted(names)
        case AllTools(excluded=excluded) if excluded:
            return {"all": True, "except": sorted(excluded)}
        case AllTools():
            return "all"


def _subjects(subjects: Subjects, emails: Emails) -> JsonValue:
    if not isinstance(subjects, Chosen):
        return "everyone"
    written: dict[str, JsonValue] = {}
    if subjects.persons:
        written["persons"] = sorted(emails.get(person, person) for person in subjects.persons)
    if subjects.groups:
        written["groups"] = sorted(subjects.groups)
    return written


def _condition(condition: Condition) -> JsonObject:
    return {
        "attribute": condition.attribute,
        "operator": condition.operator.value,
        "value": condition.value,
    }


def _requirement(requirement: Requirement) -> dict[str, JsonValue]:
    written: dict[str, JsonValue] = {}
    if requirement.manager:
        written["manager"] = True
    groups: list[JsonValue] = [
        {"group": group, "quorum": quorum} for group, quorum in sorted(requirement.groups.items())
    ]
    if groups != [{"group": TECHNICIANS, "quorum": 1}]:
        written["approvers"] = groups[0] if len(groups) == 1 else groups
    return written


def _grant(grant: Grant, emails: Emails) -> JsonObject:
    written: dict[str, JsonValue] = {
        "tool": str(grant.tool),
        "holder": _holder(grant.holder, emails),
        "arguments": _arguments(grant.arguments),
        "agent": grant.agent or "any",
        "seats": [
            *(["technician"] if grant.technician_groups else []),
            *(["manager"] if grant.manager else []),
        ],
    }
    if grant.technician_groups - {TECHNICIANS}:
        written["groups"] = sorted(grant.technician_groups)
    written["giver"] = emails.get(grant.giver, grant.giver)
    written["ends"] = _moment(grant.ends) if grant.ends else "never"
    if grant.uses_limit is not None:
        written["uses"] = grant.uses_limit
    if grant.daily_limit is not None:
        written["uses_per_day"] = grant.daily_limit
    if grant.reason:
        written["reason"] = grant.reason
    return written


def _holder(holder: Holder, emails: Emails) -> JsonValue:
    match holder:
        case HolderPerson(person=person):
            return {"person": emails.get(person, person)}
        case HolderGroup(group=group):
            return {"group": group}
        case _:
            return "everyone"


def _arguments(arguments: ArgumentScope) -> JsonValue:
    match arguments:
        case ExactArguments(arguments=exact):
            return {"exact": exact}
        case AnyArguments():
            return "any"
        case _:
            return {"pinned": arguments.paths}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
