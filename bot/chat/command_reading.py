"""Reads what stands behind the words of a command: its places and flags, in any order that makes sense."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import fuzz, process

from bot.chat.command_words import Word, object_at, word_at
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject, parse
from bot.domain.errors import Refusal, UnknownWord
from bot.domain.tools import shortened
from bot.flow.commands.form import EmailRef, Flag, Form, Given, MentionRef, Slot, SlotKind, Value
from bot.flow.commands.spelling import DASHES

_LAST: Final = (SlotKind.NAME, SlotKind.TEXT)
"""Places that take all words that are left."""


class NotUnderstood(Refusal):
    """I understood “{understood}”, but not “{rest}”: {why} Write it like this: {form}"""  # noqa: D415 - the form ends the sentence


class SomethingMissing(Refusal):
    """I understood “{understood}”, but {what} is missing. Write it like this: {form}"""  # noqa: D415 - the form ends the sentence


def nearest(said: str, known: Iterable[str]) -> str:
    """Gives the one of them that is most like what was said."""
    choices = sorted(known)
    return process.extractOne(shortened(said), choices, scorer=fuzz.WRatio)[0]


@dataclass(slots=True)
class Reading:
    """Reads what stands behind a form's words, from left to right."""

    form: Form
    line: str
    at: int
    slots: dict[str, Value] = field(default_factory=dict)
    flags: dict[str, Value] = field(default_factory=dict)
    left: list[Word] = field(default_factory=list)
    """The words of the last place, where it takes all that are left."""

    def given(self) -> Given:
        """Gives what stands in the places and behind the flags.

        Raises:
            NotUnderstood: a word has no place, or is not what its place takes.
            SomethingMissing: a place or a flag is empty.
        """
        first = self.form.slots[0] if self.form.slots else None
        if first is not None and first.kind is SlotKind.RAW:
            self.slots[first.name] = self.line[self.at :].strip()
        else:
            while (word := word_at(self.line, self.at)) is not None:
                self._take(word)
        self._close()
        return Given(slots=self.slots, flags=self.flags)

    def rest_of(self, start: int) -> str:
        """Gives the line from here, for a sentence."""
        return shortened(" ".join(self.line[start:].split()))

    def _take(self, word: Word) -> None:
        slot = self._open_slot(word)
        flag = self._flag_name(word, slot)
        if flag:
            self._take_flag(word, flag)
        elif slot is None:
            raise self._not_understood(word, "there is no place for it.")
        elif slot.kind in _LAST:
            self._check_closed(word, slot)
            self.left.append(word)
            self.at = word.end
        else:
            self.slots[slot.name] = self._value(word, slot.kind)

    def _open_slot(self, word: Word) -> Slot | None:
        """Gives the place for this word: an object goes to its own, everything else to the next one."""
        is_object = not word.is_quoted and word.text.startswith(("{", "["))
        free = [slot for slot in self.form.slots if slot.name not in self.slots]
        for slot in free:
            if is_object and slot.kind is SlotKind.ARGUMENTS:
                return slot
        return next((slot for slot in free if slot.kind is not SlotKind.ARGUMENTS), None)

    def _value(self, word: Word, kind: SlotKind) -> Value:
        self.at = word.end
        if kind is SlotKind.ARGUMENTS:
            return self._arguments(word)
        self._check_closed(word, None)
        if kind is SlotKind.ACTION:
            return self._action(word)
        if kind is SlotKind.PERSON:
            return _person(word)
        return word.text

    def _check_closed(self, word: Word, slot: Slot | None) -> None:
        """Free words may hold a quotation mark by itself; anything else with one has no clear end."""
        if word.is_open and (slot is None or slot.kind is not SlotKind.TEXT):
            raise self._not_understood(word, "its quotation mark is not closed.")

    def _arguments(self, word: Word) -> JsonObject:
        found = object_at(self.line, word.start)
        if found is None:
            raise self._not_understood(word, "its last bracket is not closed.")
        text, self.at = found
        try:
            value = parse(text, what="The object")
        except Refusal as refusal:
            raise self._not_understood(word, refusal.sentence) from None
        if not isinstance(value, dict):
            raise self._not_understood(word, "arguments are an object in curly brackets.")
        return value

    def _action(self, word: Word) -> str:
        """Gives our word for the action that one word names, or two together; else the word itself."""
        following = word_at(self.line, word.end)
        for taken in [word, *([following] if following and not following.is_quoted else [])]:
            said = word.text if taken is word else f"{word.text} {taken.text}"
            if said.casefold() == "default":
                return "default"
            try:
                action = Action.parse(said)
            except UnknownWord:
                continue
            self.at = taken.end
            return action.value
        return shortened(word.text)

    def _flag_name(self, word: Word, slot: Slot | None) -> str:
        """Gives the name of the flag that this word is, with what stands behind its `=`; empty for none.

        Between free words a dash may begin a thought, so that only known names are flags there.
        """
        dash = next((dash for dash in DASHES if word.text.startswith(dash)), "")
        name = word.text.removeprefix(dash)
        if word.is_quoted or not dash or not name[:1].isalpha():
            return ""
        is_known = name.partition("=")[0].casefold() in {flag.name for flag in self.form.flags}
        is_thought = dash != DASHES[0] and slot is not None and slot.kind is SlotKind.TEXT
        return name if is_known or not is_thought else ""

    def _take_flag(self, word: Word, said: str) -> None:
        name, equals, _ = said.partition("=")
        flag = next((one for one in self.form.flags if one.name == name.casefold()), None)
        if flag is None:
            names = [f"--{one.name}" for one in self.form.flags]
            hint = f" The nearest one is {nearest(f'--{name}', names)}." if names else ""
            raise self._not_understood(word, f"there is no such flag here.{hint}")
        if flag.name in self.flags:
            raise self._not_understood(word, "it stands there twice.")
        if not flag.takes:
            if equals:
                raise self._not_understood(word, "this flag takes nothing.")
            self.at, self.flags[flag.name] = word.end, ""
            return
        begin = word.end - len(said) + len(name) + 1 if equals else word.end
        self.flags[flag.name] = self._behind(word, flag, begin)

    def _behind(self, word: Word, flag: Flag, begin: int) -> Value:
        found = word_at(self.line, begin)
        if found is None or (begin == word.end and self._flag_name(found, None)):
            raise self._missing(f"{flag.takes} behind --{flag.name}", word.end)
        return self._value(found, flag.kind)

    def _close(self) -> None:
        last = next((slot for slot in self.form.slots if slot.kind in _LAST), None)
        if last is not None and self.left:
            self.slots[last.name] = _words(self.line, self.left, last.kind)
        for slot in self.form.slots:
            if slot.required and slot.name not in self.slots:
                raise self._missing(slot.name, len(self.line))

    def _missing(self, what: str, end: int) -> SomethingMissing:
        return SomethingMissing(understood=self._understood(end), what=what, form=self.form.usage)

    def _not_understood(self, word: Word, why: str) -> NotUnderstood:
        return NotUnderstood(
            understood=self._understood(word.start),
            rest=shortened(word.text),
            why=why,
            form=self.form.usage,
        )

    def _understood(self, end: int) -> str:
        return shortened(" ".join(self.line[:end].split())).removeprefix("/")


def _words(line: str, words: Sequence[Word], kind: SlotKind) -> str:
    """Gives the words together: a single one without its marks, free ones as they were written."""
    if len(words) == 1:
        return words[0].text
    if kind is SlotKind.TEXT:
        return " ".join(line[word.start : word.end] for word in words)
    return " ".join(word.text for word in words)


def _person(word: Word) -> Value:
    """Gives the person whom the word names; the word itself where it names something else."""
    if word.mention:
        return MentionRef(word.mention)
    name = word.text.removeprefix("@")
    before, at, after = name.rpartition("@")
    return EmailRef(name) if at and before and after else word.text
