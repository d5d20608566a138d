"""Column types: each takes a value of the domain and gives the same value back, on both databases."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field
from typing_extensions import override

from bot.storage.spelling import escaped, spelled, unescaped, unspelled

Word = TypeVar("Word", bound=StrEnum)


class FreeText(TypeDecorator[str]):
    """Any text, outside text too."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else escaped(value)

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else unescaped(value)


class Words(TypeDecorator[Word], Generic[Word]):
    """One word of a fixed list."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[Word]) -> None:
        super().__init__()
        self.words = words

    @override
    def process_bind_param(self, value: Word | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> Word | None:
        return None if value is None else self.words(value)


class Json(TypeDecorator[object]):
    """Exact JSON, kept as text: a JSON column would rewrite its numbers and refuse some of its texts.

    None is stored as NULL.
    """

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        return None if value is None else spelled(value)

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        return None if value is None else unspelled(value)


class Strings(TypeDecorator[tuple[str, ...]]):
    """Several texts in their order, kept as a JSON list."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else spelled(value)

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(unspelled(value))


class Duration(TypeDecorator[timedelta]):
    """A length of time, kept in whole microseconds."""

    impl = BigInteger
    cache_ok = True

    @override
    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // timedelta(microseconds=1)

    @override
    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(microseconds=value)


class Zone(TypeDecorator[ZoneInfo]):
    """A time zone, kept by its name."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: ZoneInfo | None, dialect: Dialect) -> str | None:
        return None if value is None else value.key

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> ZoneInfo | None:
        return None if value is None else ZoneInfo(value)


KeyText = Annotated[str, Field(sa_type=FreeText(), primary_key=True)]
AnyText = Annotated[str, Field(sa_type=FreeText())]
MaybeText = Annotated[str | None, Field(sa_type=FreeText())]
Texts = Annotated[tuple[str, ...], Field(sa_type=Strings())]
JsonThing = Annotated[Mapping[str, object], Field(sa_type=Json())]
MaybeJson = Annotated[Mapping[str, object] | None, Field(sa_type=Json())]
WholeNumber = Annotated[int, Field(sa_type=BigInteger())]
MaybeNumber = Annotated[int | None, Field(sa_type=BigInteger())]
KeyNumber = Annotated[int, Field(sa_type=BigInteger(), primary_key=True)]
Number = Annotated[
    int | None, Field(sa_type=BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
]
"""The order in which rows were stored; the database gives it."""
