"""Checks that everything a runbook speaks of exists, and comes before it is used."""

from collections.abc import Collection, Iterable, Mapping

from bot.agent.conditions import Condition
from bot.agent.paths import Path
from bot.agent.runbook import Runbook
from bot.agent.templates import Tree, templates_in
from bot.agent.yaml_lines import Entry
from bot.domain.people import Person

REQUESTER_FIELDS = ("id", "name", "email", "title", "department", "domain", "groups")


class _Known:
    """What a template may speak of at one place of the file."""

    def __init__(self, runbook: Runbook) -> None:
        self._slots = frozenset(runbook.slots)
        self._found = frozenset(name for name, slot in runbook.slots.items() if slot.find)
        self._all_reads = frozenset(read.name for read in runbook.reads)
        self.reads: set[str] = set()
        self.values: set[str] = set()
        self.item = False

    def check(self, entry: Entry, paths: Iterable[Path]) -> None:
        for path in paths:
            problem = self._problem(path)
            if problem:
                raise entry.wrong(problem)

    def _problem(self, path: Path) -> str | None:
        head, *rest = path.steps
        first = rest[0] if rest else ""
        if head == "requester":
            fine = first in REQUESTER_FIELDS
            return None if fine else f"“{path}” is not known; a requester has {', '.join(REQUESTER_FIELDS)}"
        if head == "reads":
            return self._read_problem(path, first)
        if head == "found":
            return (
                None
                if first in self._found
                else f"“{path}”: no slot “{first}” with “find” is in this runbook"
            )
        if head == "values":
            return (
                None
                if first in self.values
                else f"“{path}”: the value “{first}” is not made before this line"
            )
        if head == "item":
            return None if self.item else f"“{path}”: item is known in the text of a value only"
        if head in self._slots and not rest:
            return None
        return f"“{path}” is not known; add a slot “{head}”, or write requester, reads, found or values"

    def _read_problem(self, path: Path, name: str) -> str | None:
        if name in self.reads:
            return None
        if name in self._all_reads:
            return f"“{path}” is used before “{name}” is read; move that read up, or take the circle out"
        return f"“{path}”: there is no read “{name}” in this runbook"


def check_references(runbook: Runbook, entry: Entry, members: Mapping[str, Entry]) -> None:
    """Checks the names that a runbook uses.

    Raises:
        BadFile: a slot, read or value is used that is not there, or not yet; or names stand twice.
    """
    known = _Known(runbook)
    _check_slots(runbook, members)
    _check_reads(runbook, members, known)
    _check_finds(runbook, members, known)
    for derived in runbook.values:
        place = members["values"]
        known.check(place, [derived.among, *_paths(derived.where)])
        known.item = True
        known.check(place, derived.text.paths if derived.text else ())
        known.item = False
        known.values.add(derived.name)
    for check, place in zip(runbook.checks, _items(members, "checks"), strict=True):
        known.check(place, _condition_paths((*check.when, *check.unless)))
        known.check(place, [path for text in (check.answer, check.question) if text for path in text.paths])
        known.check(place, [check.choices] if check.choices else ())
        _check_slot_name(check.slot, place, runbook.slots)
    for step, place in zip(runbook.plan, _items(members, "plan"), strict=True):
        known.check(place, [*_condition_paths(step.when), *_paths(step.arguments)])
    known.check(members["diagnosis"], runbook.diagnosis.paths)
    if runbook.answer:
        known.check(members["answer"], runbook.answer.paths)
    elif all(step.when for step in runbook.plan):
        raise entry.wrong("“answer” is missing here; say what is answered when no step of the plan is left")


def _check_slots(runbook: Runbook, members: Mapping[str, Entry]) -> None:
    for phrase, place in zip(runbook.phrases, members["phrases"].items(), strict=True):
        for name in sorted(phrase.slots):
            _check_slot_name(name, place, runbook.slots)
    if "slots" not in members:
        return
    for name, (_, place) in members["slots"].named().items():
        default = runbook.slots[name].default
        if default and any(path.steps[0] != "requester" for path in default.paths):
            raise place.wrong("a default may speak of the requester only, for example {requester.email}")
        if default:
            _Known(runbook).check(place, default.paths)


def _check_reads(runbook: Runbook, members: Mapping[str, Entry], known: _Known) -> None:
    for read, place in zip(runbook.reads, _items(members, "reads"), strict=True):
        if read.name in known.reads:
            raise place.wrong(f"there is already a read “{read.name}”; choose another name")
        known.check(place, [*_condition_paths(read.when), *_paths(read.arguments)])
        _check_slot_name(read.about, place, runbook.slots)
        known.reads.add(read.name)


def _check_finds(runbook: Runbook, members: Mapping[str, Entry], known: _Known) -> None:
    for name, slot in runbook.slots.items():
        place = members["slots"].named()[name][1]
        if slot.find and slot.find.among.steps[0] != "reads":
            raise place.wrong("“among” must lead into a read, for example reads.apps.apps")
        if slot.find:
            known.check(place, [slot.find.among])


def _check_slot_name(name: str | None, place: Entry, slots: Collection[str]) -> None:
    if name is not None and name not in slots:
        raise place.wrong(f"“{name}” is no slot of this runbook; add it under slots")


def _items(members: Mapping[str, Entry], name: str) -> list[Entry]:
    return members[name].items() if name in members else []


def _condition_paths(conditions: Iterable[Condition]) -> list[Path]:
    return [path for each in conditions for path in (each.path, *_paths({"value": each.value}))]


def _paths(tree: Mapping[str, Tree]) -> list[Path]:
    return [path for template in templates_in(dict(tree)) for path in template.paths]


def requester_facts(person: Person) -> dict[str, str | list[str]]:
    """Gives what templates may know of the requester."""
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "title": person.title,
        "department": person.department,
        "domain": person.domain,
        "groups": sorted(person.groups),
    }
