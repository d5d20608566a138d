"""Reads a file of runbooks, checks all of it, and gives it whole or not at all.

The file:

    version: 1
    synonyms:                          # optional: words that mean the same in every phrase of the file
      password: [pw, passwd]
    runbooks:
      - name: app_access               # unique; small letters, digits and _
        title: Access to an app        # unique; what people are shown when they have to choose
        examples: [I need access to Figma]          # sentences for the welcome screen
        phrases:                       # how people say it; typing mistakes and small talk are allowed for
          - need access to {app}       # {app} is a slot; it stands for up to twelve words
          - (get|give) me {app} [please]            # (one|other), [optional words]
        wins_over: [other_runbook]     # when both are recognised in one message, this one is meant
        slots:
          app:
            kind: found                # text, email, person, number, choice, or found
            ask: Which app do you need?             # the question when it is missing
            find: {among: reads.apps.apps, by: [name, id], value: name}
            phrases: ["app: {app}"]    # where else in the message it may be said
            default: "{requester.department}"       # a template; leave out to ask
            optional: false            # true: neither asked for nor needed
          level:
            kind: choice
            ask: Which level?
            options: {viewer: [read only], admin: [administrator]}   # value: words for it, beside itself
        reads:                         # looked at in this order, before anything is planned
          - name: apps
            tool: connector:list_apps
            arguments: {}
            when: []                   # conditions; left out: always
            optional: false            # true: plan even if it cannot be read
            about: app                 # if the tool says it knows no such thing, ask for this slot again …
            choices: known             # … and offer what is at this path of its answer
        values:                        # made of the lists that reads gave
          held: {among: reads.access.access, where: {app: "{found.app.id}"}}      # the first member that fits
          lines: {among: reads.access.access, text: "{item.name} ({item.level})"}  # a text for each member
        checks:                        # the first whose conditions hold is said, and nothing is planned
          - when: [{path: values.held.level, operator: is, value: "{level}"}]
            answer: "{requester.name} already has it."
          - when: [{path: found.app.state, operator: is, value: retired}]
            question: "{app} is retired. Which app instead?"
            slot: app
            choices: reads.apps.apps.*.name
          - unless: [{path: app, operator: matches, value: "A*"}]       # said if these do not all hold
            answer: "…"
        plan:                          # the calls, in order; policy decides about each of them later
          - tool: connector:grant_access
            arguments: {user: "{requester.email}", app: "{found.app.id}", note: "{reason?}"}
            when: []
        diagnosis: "{requester.name} asks for {app}."       # for the technicians
        answer: "…"                    # said when no step of the plan is left, or there is no plan

A text holds `{requester.email}` (also id, name, title, department, domain, groups), `{slot}`,
`{reads.name.path.0.field}` (`*` for every member of a list), `{found.slot.field}` (the entry that the slot
was found in) and `{values.name}`. A template that is nothing but one of these keeps the value's type. A
missing value is never half filled in: the agent asks, or says what it could not find out; `{name?}` may be
missing. Operators are those of policies: is, is_not, in, not_in, matches, contains, <, <=, >, >=, exists.
In a check, a condition that cannot be told does not hold. A person is an e-mail address, or “me”; with
`find`, also a name. A read that gives text only has it at `reads.name.text`.
"""

import re
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Final

from bot.agent.phrase_syntax import BadPhrase, Phrase, parse_phrase
from bot.agent.runbook import Check, PlanStep, Runbook, Runbooks
from bot.agent.runbook_checks import check_references
from bot.agent.runbook_parts import conditions, derived, path, read_step, slot, template, tool, tree_object
from bot.agent.tokens import words_of
from bot.agent.yaml_lines import Entry, load_entries, parse_entries

VERSION: Final = 1

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_RESERVED = frozenset({"requester", "reads", "found", "values", "item"})
_REQUIRED = "required"


def load_runbooks(path: FilePath) -> Runbooks:
    """Gives the runbooks of a file.

    Raises:
        BadFile: something in it is wrong; names the line and what to do.
        UnreadableFile: it is not there, too large, or no text.
    """
    return _runbooks(load_entries(path))


def parse_runbooks(text: str, *, file: str = "runbooks.yaml") -> Runbooks:
    """Gives the runbooks that a text spells; `file` is the name for errors.

    Raises:
        BadFile: something in it is wrong; names the line and what to do.
    """
    return _runbooks(parse_entries(text, file=file))


def _runbooks(root: Entry) -> Runbooks:
    members = root.members({"version": _REQUIRED, "runbooks": _REQUIRED, "synonyms": ""})
    if members["version"].scalar() != VERSION:
        raise members["version"].wrong(f"this version is not known; write version: {VERSION}")
    synonyms = _synonyms(members.get("synonyms"))
    found: dict[str, Runbook] = {}
    entries: dict[str, Entry] = {}
    titles: set[str] = set()
    for entry in members["runbooks"].items():
        runbook = _runbook(entry, synonyms)
        if runbook.name in found:
            raise entry.wrong(f"there is already a runbook “{runbook.name}”; choose another name")
        if runbook.title.casefold() in titles:
            raise entry.wrong(f"there is already a runbook titled “{runbook.title}”; choose another title")
        found[runbook.name] = runbook
        entries[runbook.name] = entry
        titles.add(runbook.title.casefold())
    if not found:
        raise members["runbooks"].wrong("there is no runbook in it; add one")
    _check_wins(found, entries)
    return Runbooks(runbooks=found, synonyms=synonyms)


def _synonyms(entry: Entry | None) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for word, (key, others) in (entry.named() if entry else {}).items():
        meant = _one_word(key)
        for other in others.items():
            said = _one_word(other)
            if said in found or said == meant:
                raise other.wrong(f"“{said}” already has a meaning; keep one")
            found[said] = meant
        if word in found:
            raise key.wrong(f"“{word}” stands for another word already")
    chained = next((said for said, meant in found.items() if meant in found), None)
    if entry and chained is not None:
        raise entry.wrong(
            f"“{chained}” stands for a word that stands for another; name the last one directly"
        )
    return found


def _one_word(entry: Entry) -> str:
    words = words_of(entry.name())
    if len(words) != 1:
        raise entry.wrong("this must be a single word; put several words in the phrases: (this one|that one)")
    return words[0]


def _runbook(entry: Entry, synonyms: Mapping[str, str]) -> Runbook:
    members = entry.members(
        {
            **dict.fromkeys(("name", "title", "phrases", "diagnosis"), _REQUIRED),
            **dict.fromkeys(
                ("examples", "wins_over", "slots", "reads", "values", "checks", "plan", "answer"), ""
            ),
        }
    )
    slots = {
        name: slot(name, inner, synonyms)
        for name, (key, inner) in _named(members.get("slots")).items()
        if _free_name(key)
    }
    runbook = Runbook(
        name=_free_name(members["name"]),
        title=members["title"].text(),
        examples=tuple(each.text() for each in _items(members.get("examples"))),
        phrases=_phrases(members["phrases"], synonyms),
        wins_over=frozenset(each.name() for each in _items(members.get("wins_over"))),
        slots=slots,
        reads=tuple(read_step(each) for each in _items(members.get("reads"))),
        values=tuple(derived(name, inner) for name, (_, inner) in _named(members.get("values")).items()),
        checks=tuple(_check(each) for each in _items(members.get("checks"))),
        plan=tuple(_plan_step(each) for each in _items(members.get("plan"))),
        diagnosis=template(members["diagnosis"]),
        answer=template(members["answer"]) if "answer" in members else None,
    )
    check_references(runbook, entry, members)
    return runbook


def _phrases(entry: Entry, synonyms: Mapping[str, str]) -> tuple[Phrase, ...]:
    found: list[Phrase] = []
    for each in entry.items():
        try:
            found.append(parse_phrase(each.text(), synonyms))
        except BadPhrase as error:
            raise each.wrong(str(error)) from None
    if not found:
        raise entry.wrong("there is no phrase in it; add one, or nobody can ask for this")
    return tuple(found)


def _check(entry: Entry) -> Check:
    members = entry.members(dict.fromkeys(("when", "unless", "answer", "question", "slot", "choices"), ""))
    if not members.keys() & {"when", "unless"}:
        raise entry.wrong("a check needs a condition; add “when” or “unless”")
    if ("answer" in members) == ("question" in members):
        raise entry.wrong("a check has either an answer or a question; write one of them")
    if "question" in members and "slot" not in members:
        raise entry.wrong("a question needs the slot that its answer fills; add “slot”")
    return Check(
        when=conditions(members["when"]) if "when" in members else (),
        unless=conditions(members["unless"]) if "unless" in members else (),
        answer=template(members["answer"]) if "answer" in members else None,
        question=template(members["question"]) if "question" in members else None,
        slot=members["slot"].name() if "slot" in members else None,
        choices=path(members["choices"]) if "choices" in members else None,
    )


def _plan_step(entry: Entry) -> PlanStep:
    members = entry.members({"tool": _REQUIRED, "arguments": "", "when": ""})
    return PlanStep(
        tool=tool(members["tool"]),
        arguments=tree_object(members["arguments"]) if "arguments" in members else {},
        when=conditions(members["when"]) if "when" in members else (),
    )


def _named(entry: Entry | None) -> Mapping[str, tuple[Entry, Entry]]:
    return entry.named() if entry else {}


def _items(entry: Entry | None) -> list[Entry]:
    return entry.items() if entry else []


def _free_name(entry: Entry) -> str:
    name = entry.name()
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise entry.wrong(f"“{name[:40]}” cannot be a name here; use small letters, digits and _")
    return name


def _check_wins(found: Mapping[str, Runbook], entries: Mapping[str, Entry]) -> None:
    for name, runbook in found.items():
        for other in sorted(runbook.wins_over):
            if other not in found:
                raise entries[name].wrong(f"wins_over names “{other}”, which is no runbook of this file")
        beaten, waiting = set[str](), list(runbook.wins_over)
        while waiting:
            other = waiting.pop()
            if other not in beaten:
                beaten.add(other)
                waiting.extend(found[other].wins_over if other in found else ())
        if name in beaten:
            raise entries[name].wrong(f"wins_over goes in a circle through “{name}”; take one of them out")
