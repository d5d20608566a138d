"""The fields of one standing approval in a file."""

from typing import Final

from bot.documents.fields import Notes
from bot.documents.tree import Scalar, Table, Tree, plain
from bot.domain.canonical import JsonObject, bounded
from bot.domain.grants import (
    AnyArguments,
    ArgumentScope,
    ExactArguments,
    Grant,
    GrantId,
    Holder,
    HolderGroup,
    HolderPerson,
    PinnedArguments,
    SeatKind,
)
from bot.domain.people import TECHNICIANS, PersonId
from bot.domain.policies import EVERYONE
from bot.domain.tools import ToolId
from bot.flow.wanted import NOWHEN
from bot.policyfile.entries import GrantEntry, Named
from bot.policyfile.policy_fields import named

USES_LIMIT: Final = 1_000_000
"""The largest limit on uses that a file can give."""

REASON_LIMIT: Final = 1_000
"""Characters of a reason."""

_KEYS: Final = (
    "tool", "holder", "arguments", "agent", "seats", "groups", "giver", "ends", "uses", "uses_per_day",
    "reason",
)  # fmt: skip


def read_grant(tree: Tree, notes: Notes) -> GrantEntry | None:
    """Gives the entry; None where a field without which it is nothing is missing or wrong, with a note."""
    needed = ("tool", "holder", "arguments", "seats", "giver", "ends")
    fields = notes.table(tree, what="a standing approval", known=_KEYS, needed=needed)
    word = notes.text(fields.get("tool"), what="tool", limit=400)
    tool = notes.converted(tree.line, lambda: ToolId.parse(word)) if word is not None else None
    holder, holder_name = _holder(fields.get("holder"), notes)
    arguments = _arguments(fields.get("arguments"), notes)
    giver = notes.text(fields.get("giver"), what="giver")
    agent = notes.text(fields.get("agent"), what="agent")
    seats = _seats(fields.get("seats"), notes)
    groups = named(notes.texts(fields.get("groups"), what="groups"))
    is_endless = _is_word(fields.get("ends"), "never")
    ends = None if is_endless else notes.moment(fields.get("ends"), what="ends")
    limits = [notes.count(fields.get(key), what=key, most=USES_LIMIT) for key in ("uses", "uses_per_day")]
    reason = notes.prose(fields.get("reason"), what="reason", limit=REASON_LIMIT) or ""
    if tool is None or holder is None or arguments is None or giver is None:
        return None
    if ends is None and not is_endless:
        return None
    technicians = {group.text for group in groups} or {TECHNICIANS}
    grant = Grant(
        id=GrantId(""),
        tool=tool,
        holder=holder,
        arguments=arguments,
        agent=None if agent == "any" else agent,
        technician_groups=frozenset(technicians if SeatKind.TECHNICIAN in seats else ()),
        manager=SeatKind.MANAGER in seats,
        fingerprint="",
        giver=PersonId(giver),
        reason=reason,
        created=NOWHEN,
        ends=ends,
        uses_limit=limits[0],
        daily_limit=limits[1],
    )
    is_group = isinstance(holder, HolderGroup)
    named_groups = (*((holder_name,) if is_group and holder_name else ()), *groups)
    return GrantEntry(
        grant=grant,
        tool=Named(str(tool), fields["tool"].line),
        holder=None if is_group else holder_name,
        groups=tuple(group for group in named_groups if group.text != TECHNICIANS or group is holder_name),
        giver=Named(giver, fields["giver"].line),
    )


def _is_word(tree: Tree | None, word: str) -> bool:
    return isinstance(tree, Scalar) and tree.value == word


def _holder(tree: Tree | None, notes: Notes) -> tuple[Holder | None, Named | None]:
    if tree is None:
        return None, None
    if _is_word(tree, "everyone"):
        return EVERYONE, None
    fields = notes.table(tree, what="holder", known=("person", "group"))
    if len(fields) != 1:
        notes.add(tree.line, "holder must be everyone, {person: …} or {group: …}.")
        return None, None
    kind, entry = next(iter(fields.items()))
    text = notes.text(entry, what=kind)
    if text is None:
        return None, None
    holder = HolderPerson(PersonId(text)) if kind == "person" else HolderGroup(text)
    return holder, Named(text, entry.line)


def _arguments(tree: Tree | None, notes: Notes) -> ArgumentScope | None:
    if tree is None:
        return None
    if _is_word(tree, "any"):
        return AnyArguments()
    entries = tree.entries if isinstance(tree, Table) else {}
    if len(entries) != 1 or not set(entries) <= {"exact", "pinned"}:
        notes.add(tree.line, "arguments must be any, {exact: {…}} or {pinned: {…}}.")
        return None
    kind, entry = next(iter(entries.items()))
    if not isinstance(entry, Table) or (kind == "pinned" and not entry.entries):
        notes.add(entry.line, f"{kind} must be arguments with their values, like {{user: alice@acme.test}}.")
        return None
    value: JsonObject = {name: plain(inner) for name, inner in entry.entries.items()}
    if notes.converted(entry.line, lambda: bounded(value)) is None:
        return None
    return ExactArguments(value) if kind == "exact" else PinnedArguments(value)


def _seats(tree: Tree | None, notes: Notes) -> frozenset[SeatKind]:
    found = set()
    for word, line in notes.texts(tree, what="seats"):
        if word in tuple(SeatKind):
            found.add(SeatKind(word))
        else:
            notes.add(line, f"“{word[:80]}” is no seat. Use technician, manager, or both.")
    if tree is not None and not found:
        notes.add(tree.line, "seats must name technician, manager, or both.")
    return frozenset(found)
