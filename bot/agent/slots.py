"""Turns what was said into the value of a slot."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.agent.paths import Missing
from bot.agent.recognition import Facts
from bot.agent.runbook import Slot, SlotKind
from bot.agent.said import Said, said_exactly
from bot.agent.tokens import folded
from bot.agent.vocabulary import ARTICLES, BELONGING, GENERIC, OTHERS, PRONOUNS, SELF, SKIPPED
from bot.domain.canonical import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Ask:
    """The slot's value is to be asked for."""

    slot: str
    text: str
    choices: Mapping[str, str] = field(default_factory=dict)
    """Labels to choose from, and the value of each."""


@dataclass(frozen=True, slots=True)
class Value:
    """The slot's value, and the words it came from."""

    value: JsonValue
    said: Said | None = None


def slot_value(slot: Slot, facts: Facts, root: JsonObject, *, alone: bool = False) -> Value | Ask | None:
    """Gives the slot's value, the question for it, or None for an optional slot that nobody spoke of.

    `root` is what templates may know; the requester is in it. `alone` says that no other slot of the runbook
    takes an e-mail address, so that a second one in the message is a second person.
    """
    said = facts.said.get(slot.name)
    found: Value | Ask | None
    match slot.kind:
        case SlotKind.CHOICE:
            found = _choice(slot, facts)
        case SlotKind.EMAIL:
            found = _email(slot, said, facts)
        case SlotKind.PERSON:
            found = _person(slot, said, facts, root, alone=alone)
        case SlotKind.NUMBER:
            found = _number(said)
        case SlotKind.TEXT:
            found = Value(said.text, said) if said and names_something(said) else None
        case SlotKind.FOUND:
            # A group may be called “it”: whether a pronoun is a name shows when it is looked up.
            found = Value(said.text, said) if said and set(said.words) - GENERIC - SKIPPED else None
    return found or _otherwise(slot, root)


def names_something(said: Said) -> bool:
    """Whether the words name a thing, and do not just point at one (“it”, “an app”)."""
    return (bool(said.text) and not set(said.words) <= PRONOUNS | GENERIC | SKIPPED | SELF) or bool(
        said.addresses
    )


def ask(slot: Slot, problem: str = "", choices: Mapping[str, str] | None = None) -> Ask:
    """Gives the slot's question, after a sentence on what is wrong with the last answer."""
    question = slot.ask or f"What is the {slot.name.replace('_', ' ')}?"
    offered = dict(choices or {})
    if not offered and slot.kind is SlotKind.CHOICE:
        offered = {value: value for value in slot.options}
    return Ask(slot.name, f"{problem} {question}".strip(), offered)


def _otherwise(slot: Slot, root: JsonObject) -> Value | Ask | None:
    if slot.default:
        try:
            value = slot.default.value(root)
        except Missing:
            return None if slot.optional else ask(slot)
        return Value(value, said_exactly(value) if isinstance(value, str) else None)
    return None if slot.optional else ask(slot)


def _choice(slot: Slot, facts: Facts) -> Value | Ask | None:
    named = facts.options.get(slot.name, ())
    if len(named) > 1:
        return ask(slot, "That was more than one.", {value: value for value in named})
    return Value(named[0]) if named else None


def _email(slot: Slot, said: Said | None, facts: Facts) -> Value | Ask | None:
    addresses = said.addresses if said else _loose(facts)
    if len(addresses) > 1:
        return ask(slot, "I see more than one address.", {each: each for each in addresses})
    if said and not addresses and not said.hint:
        return ask(slot, "That is no e-mail address.")
    return Value(addresses[0], said) if addresses else None


def _person(
    slot: Slot, said: Said | None, facts: Facts, root: JsonObject, *, alone: bool
) -> Value | Ask | None:
    if said is None:
        return _unnamed_person(slot, facts, root)
    if len(said.addresses) > 1:
        return ask(slot, "I can do this for one person at a time.", {each: each for each in said.addresses})
    if said.addresses and set(said.words) & {"and", "or", "plus"}:
        both = [*([_own_address(root)] if set(said.words) & SELF else []), *said.addresses]
        return ask(slot, "I can do this for one person at a time.", {each: each for each in both})
    more = _loose(facts) if alone and said.addresses else ()
    if more:
        both = list(dict.fromkeys((*said.addresses, *more)))
        return ask(slot, "I can do this for one person at a time.", {each: each for each in both})
    if said.addresses:
        return Value(said.addresses[0], said_exactly(said.addresses[0]))
    if said.means_self:
        own = _own_address(root)
        return Value(own, said_exactly(own))
    named = _without_relation(said)
    if not slot.find or set(said.words) <= OTHERS | SELF | PRONOUNS | SKIPPED | {"new"}:
        return ask(
            slot, "I need to know who that is." if slot.find else "I need that person's e-mail address."
        )
    return Value(named.text, named)


def _without_relation(said: Said) -> Said:
    """Takes “my colleague” from “my colleague Bob”."""
    words = said.text.split()
    while len(words) > 1 and folded(words[0]) in OTHERS | BELONGING | ARTICLES | {"new"}:
        words.pop(0)
    return said_exactly(" ".join(words))


def _unnamed_person(slot: Slot, facts: Facts, root: JsonObject) -> Ask | None:
    """Asks who is meant when an address stands in the message and nothing says what it is for."""
    if slot.optional and not slot.default:
        return None
    own = _own_address(root)
    others = [each for each in _loose(facts) if each.casefold() != own.casefold()]
    if not others or facts.speaks_of_self:
        return None
    whom = [own, *others] if slot.default else others
    return ask(slot, "I see an e-mail address in your message.", {each: each for each in whom})


def _loose(facts: Facts) -> tuple[str, ...]:
    """Gives the addresses that no slot has taken."""
    taken = {address.casefold() for said in facts.said.values() for address in said.addresses}
    return tuple(each for each in facts.addresses if each.casefold() not in taken)


def _own_address(root: JsonObject) -> str:
    requester = root["requester"]
    address = requester.get("email") if isinstance(requester, Mapping) else None
    return address if isinstance(address, str) else ""


def _number(said: Said | None) -> Value | None:
    digits = [word for word in (said.words if said else ()) if word.isascii() and word.isdigit()]
    return Value(int(digits[0]), said) if len(digits) == 1 and len(digits[0]) < 16 else None
