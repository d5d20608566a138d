"""Reads the parts of a runbook: slots, reads, values, conditions, templates."""

from collections.abc import Mapping
from typing import Final

from bot.agent.conditions import Condition
from bot.agent.paths import BadPath, Path
from bot.agent.phrase_syntax import BadPhrase, Phrase, parse_phrase
from bot.agent.runbook import Derived, Find, ReadStep, Slot, SlotKind
from bot.agent.templates import BadTemplate, Template, Tree
from bot.agent.tokens import words_of
from bot.agent.yaml_lines import Entry
from bot.domain.policies import Operator
from bot.domain.tools import NotATool, ToolId

_REQUIRED = "required"
_OPERATORS: Final = tuple(each.value for each in Operator if each is not Operator.SAME_AS)


def tool(entry: Entry) -> ToolId:
    """Gives the tool that the entry names.

    Raises:
        BadFile: it does not name one.
    """
    try:
        return ToolId.parse(entry.text())
    except NotATool as refusal:
        raise entry.wrong(refusal.sentence.removesuffix(".")) from None


def path(entry: Entry) -> Path:
    """Gives the path that the entry spells.

    Raises:
        BadFile: it is no path.
    """
    try:
        return Path.parse(entry.text())
    except BadPath as error:
        raise entry.wrong(str(error)) from None


def template(entry: Entry) -> Template:
    """Gives the text with its inserts.

    Raises:
        BadFile: a brace without a partner, or no path in it.
    """
    try:
        return Template.parse(entry.text())
    except BadTemplate as error:
        raise entry.wrong(str(error)) from None


def tree(entry: Entry) -> Tree:
    """Gives a value in which every text is a template.

    Raises:
        BadFile: a text in it is no template, or a value is none that JSON has.
    """
    if entry.is_list:
        return [tree(inner) for inner in entry.items()]
    if not entry.is_scalar:
        return tree_object(entry)
    value = entry.scalar()
    if isinstance(value, str):
        try:
            return Template.parse(value) if value else Template(("",))
        except BadTemplate as error:
            raise entry.wrong(str(error)) from None
    return value if isinstance(value, bool | int | float) else None


def tree_object(entry: Entry) -> dict[str, Tree]:
    """Gives an object in which every text is a template.

    Raises:
        BadFile: it is no mapping, or holds what `tree` refuses.
    """
    return {name: tree(inner) for name, (_, inner) in entry.named().items()}


def conditions(entry: Entry) -> tuple[Condition, ...]:
    """Gives the conditions, all of which must hold.

    Raises:
        BadFile: an unknown operator, or a part is missing.
    """
    return tuple(_condition(each) for each in entry.items())


def _condition(entry: Entry) -> Condition:
    members = entry.members(dict.fromkeys(("path", "operator", "value"), _REQUIRED))
    word = members["operator"].name()
    if word not in _OPERATORS:
        raise members["operator"].wrong(f"“{word[:40]}” is not an operator; use {', '.join(_OPERATORS)}")
    value = tree(members["value"])
    if word == Operator.EXISTS and not isinstance(value, bool):
        raise members["value"].wrong("exists takes true or false")
    return Condition(path=path(members["path"]), operator=Operator(word), value=value)


def read_step(entry: Entry) -> ReadStep:
    """Gives one read.

    Raises:
        BadFile: something in it is wrong.
    """
    members = entry.members(
        {
            "name": _REQUIRED,
            "tool": _REQUIRED,
            **dict.fromkeys(("arguments", "when", "optional", "about", "choices"), ""),
        }
    )
    return ReadStep(
        name=members["name"].name(),
        tool=tool(members["tool"]),
        arguments=tree_object(members["arguments"]) if "arguments" in members else {},
        when=conditions(members["when"]) if "when" in members else (),
        optional=members["optional"].flag() if "optional" in members else False,
        about=members["about"].name() if "about" in members else None,
        choices=path(members["choices"]) if "choices" in members else None,
    )


def derived(name: str, entry: Entry) -> Derived:
    """Gives one value that is made of a read's list.

    Raises:
        BadFile: something in it is wrong.
    """
    members = entry.members({"among": _REQUIRED, "where": "", "text": ""})
    return Derived(
        name=name,
        among=path(members["among"]),
        where=tree_object(members["where"]) if "where" in members else {},
        text=template(members["text"]) if "text" in members else None,
    )


def slot(name: str, entry: Entry, synonyms: Mapping[str, str]) -> Slot:
    """Gives one slot.

    Raises:
        BadFile: an unknown kind, or a part that the kind needs is missing or does not fit.
    """
    members = entry.members(
        {
            "kind": _REQUIRED,
            **dict.fromkeys(("ask", "default", "optional", "phrases", "options", "find"), ""),
        }
    )
    word = members["kind"].name()
    if word not in [kind.value for kind in SlotKind]:
        kinds = ", ".join(kind.value for kind in SlotKind)
        raise members["kind"].wrong(f"“{word[:40]}” is no kind of slot; use {kinds}")
    kind = SlotKind(word)
    optional = members["optional"].flag() if "optional" in members else False
    if "ask" not in members and not optional and "default" not in members:
        raise entry.wrong("“ask” is missing here; write the question for when nobody said it")
    if (kind is SlotKind.CHOICE) != ("options" in members):
        raise entry.wrong("“options” belongs to a slot of kind choice, and to no other")
    if kind is SlotKind.FOUND and "find" not in members:
        raise entry.wrong("“find” is missing here; say where a read lists what there is")
    return Slot(
        name=name,
        kind=kind,
        ask=members["ask"].text() if "ask" in members else "",
        default=template(members["default"]) if "default" in members else None,
        optional=optional,
        phrases=tuple(_slot_phrase(name, each, synonyms) for each in members["phrases"].items())
        if "phrases" in members
        else (),
        options=_options(members["options"]) if "options" in members else {},
        find=_find(members["find"]) if "find" in members else None,
    )


def _slot_phrase(name: str, entry: Entry, synonyms: Mapping[str, str]) -> Phrase:
    try:
        phrase = parse_phrase(entry.text(), synonyms)
    except BadPhrase as error:
        raise entry.wrong(str(error)) from None
    if phrase.slots != {name}:
        raise entry.wrong(f"a phrase of this slot holds {{{name}}} and no other slot")
    return phrase


def _options(entry: Entry) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    seen: set[tuple[str, ...]] = set()
    for value, (key, words) in entry.named().items():
        said = [words_of(value), *(words_of(each.name()) for each in words.items())]
        for spelling in dict.fromkeys(said):
            if not spelling:
                raise key.wrong("an option needs a word to be recognised by")
            if spelling in seen:
                raise key.wrong(f"“{' '.join(spelling)}” stands for two options; keep one")
            seen.add(spelling)
        found[value] = tuple(dict.fromkeys(said))
    if not found:
        raise entry.wrong("there is no option in it; add one")
    return found


def _find(entry: Entry) -> Find:
    members = entry.members({"among": _REQUIRED, "by": "", "value": ""})
    if ("by" in members) != ("value" in members):
        raise entry.wrong("“by” and “value” belong together; leave both out if the list holds texts")
    by: tuple[str, ...] = ()
    if "by" in members:
        names = members["by"].items() if members["by"].is_list else [members["by"]]
        by = tuple(each.name() for each in names)
    return Find(
        among=path(members["among"]), by=by, value=members["value"].name() if "value" in members else ""
    )
