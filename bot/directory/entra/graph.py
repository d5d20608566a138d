"""Calls to Microsoft Graph: many questions in one call, and lists of many pages.

Source: https://learn.microsoft.com/graph/json-batching, https://learn.microsoft.com/graph/paging
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from typing_extensions import override

from bot.directory.calls import PATIENCE, Calls, ProviderRefuses
from bot.directory.entra.access import EntraAccess
from bot.directory.entra.proof import PROVIDER, EntraProof
from bot.documents.json_reading import object_at, object_of, rows_at, text_at
from bot.domain.canonical import JsonObject, JsonValue
from bot.outgoing.outcomes import Declined
from bot.outgoing.session import wait_in
from bot.outgoing.tries import Patience

TOGETHER: Final = 20
"""Questions that one call may hold.

Source: https://learn.microsoft.com/graph/json-batching#batch-size-limitations
"""
AT_ONCE: Final = 4
"""Such calls that are made at the same time."""
PAGES: Final = 100
"""Pages that are read of one list; more is an answer that does not end."""
A_FEW: Final = 5
"""Pages that are read for type-ahead."""
GONE: Final = frozenset({"Request_ResourceNotFound", "ResourceNotFound"})
"""The errors by which Graph says that there is no such thing; whatever else has a 404 says nothing about it.

Source: https://learn.microsoft.com/previous-versions/azure/ad/graph/howto/azure-ad-graph-api-error-codes-and-error-handling,
https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/7757
"""
NO_MAILBOX: Final = frozenset({"MailboxNotEnabledForRESTAPI", "MailboxNotSupportedForRESTAPI"})
"""The errors by which Exchange says that somebody has no mailbox there.

Source: https://learn.microsoft.com/exchange/troubleshoot/user-and-shared-mailboxes/rest-api-is-not-yet-supported-for-this-mailbox-error
"""
_TOLD: Final = frozenset({403, 404})
"""What an answer within a batch may be without being asked for again; the others end the whole batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a batch."""

    path: str
    """After the version, quoted, with its query."""
    what: str
    """It does, in words that go on after “does not let me”."""
    permission: str
    """What it needs, by Graph's own name."""
    gone: frozenset[str] = GONE
    """The errors with a 404 that are an answer to it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Graph says to one question."""

    status: int
    """Of HTTP: good, 403, or 404 with an error that is an answer."""
    found: JsonObject

    @property
    def is_good(self) -> bool:
        """Whether it is what was asked for."""
        return self.status not in _TOLD


class GraphCalls(Calls):
    """Used as a block, whose end closes the connections."""

    def __init__(self, access: EntraAccess, *, patience: Patience = PATIENCE) -> None:
        """Takes what the bot was given, and how often calls are tried."""
        self.proof = EntraProof(access)
        super().__init__(f"{access.graph_url}v1.0/", provider=PROVIDER, proof=self.proof, patience=patience)

    @override
    async def __aenter__(self) -> Self:
        await super().__aenter__()
        return self

    @override
    async def __aexit__(self, *details: object) -> None:
        self.proof.close()
        await super().__aexit__(*details)

    async def answers(self, questions: Sequence[Question]) -> list[Answer]:
        """Gives the answer to each question, in their order; one call for every 20.

        Raises:
            DirectoryUnreachable: as `call` does; an answer that is neither good nor 403 nor 404 counts as the
                answer to all of them, and so does a 404 that is not Graph's own.
        """
        turn = asyncio.Semaphore(AT_ONCE)

        async def some(asked: Sequence[Question]) -> list[Answer]:
            async with turn:
                return await self._batch(asked)

        parts = [questions[start : start + TOGETHER] for start in range(0, len(questions), TOGETHER)]
        return [answer for found in await asyncio.gather(*map(some, parts)) for answer in found]

    async def objects(self, questions: Sequence[Question]) -> list[JsonObject | None]:
        """Gives what Graph knows to each question; None for 404.

        Raises:
            DirectoryUnreachable: as `call` does.
        """
        found = zip(questions, await self.answers(questions), strict=True)
        return [self._permitted(question, answer) for question, answer in found]

    async def listed(
        self,
        path: str,
        *,
        what: str,
        permission: str,
        headers: Mapping[str, str] | None = None,
        most: int | None = None,
    ) -> list[JsonObject]:
        """Gives the objects of a list.

        Arguments and refusals are those of `call`, and:

        Args:
            path: of the first page.
            what: as there.
            permission: as there.
            headers: further ones of each page's call.
            most: how many are wanted, where a list that is cut short will do.
        """
        first = await self.call("GET", path, what=what, permission=permission, headers=headers)
        return await self.following(first, what=what, permission=permission, headers=headers, most=most)

    async def following(
        self,
        first: JsonObject,
        *,
        what: str,
        permission: str,
        headers: Mapping[str, str] | None = None,
        most: int | None = None,
    ) -> list[JsonObject]:
        """Gives the objects of a list whose first page is there already; the rest is as in `listed`."""
        page, found = first, self._rows_in(first)
        for _ in range(PAGES if most is None else A_FEW):
            link = page.get("@odata.nextLink")
            if link is None or (most is not None and len(found) >= most):
                return found
            if not isinstance(link, str) or "://" not in link:
                raise self.away("its next page has no address")
            page = await self.call("GET", link, what=what, permission=permission, headers=headers)
            found += self._rows_in(page)
        if most is not None:
            return found
        raise self.away("its list does not end")

    @override
    def check(self, found: JsonValue) -> None:
        ends = [
            Declined(status, "", wait_in(text_at(object_at(row, "headers"), "Retry-After")))
            for row in rows_at(object_of(found), "responses")
            if isinstance(status := row.get("status"), int) and not (200 <= status < 300 or status in _TOLD)
        ]
        if ends:
            raise max(ends, key=lambda end: end.after or timedelta())

    @override
    def is_missing(self, body: JsonValue) -> bool:
        return text_at(object_of(body), "error", "code") in GONE

    def _rows_in(self, page: JsonObject) -> list[JsonObject]:
        rows = page.get("value")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.away("its answer is not what was asked for")
        return rows_at(page, "value")

    async def _batch(self, questions: Sequence[Question]) -> list[Answer]:
        body: JsonObject = {
            "requests": [
                {"id": str(number), "method": "GET", "url": f"/{question.path}"}
                for number, question in enumerate(questions)
            ]
        }
        first = questions[0]
        found = await self.call("POST", "$batch", what=first.what, permission=first.permission, body=body)
        given = {text_at(row, "id"): row for row in rows_at(found, "responses")}
        return [self._answer(one, given.get(str(number), {})) for number, one in enumerate(questions)]

    def _answer(self, question: Question, row: JsonObject) -> Answer:
        status, found = row.get("status"), row.get("body")
        if not isinstance(status, int) or not isinstance(found, dict):
            raise self.away("its answer is not what was asked for")
        if status == 404 and text_at(found, "error", "code") not in question.gone:
            raise self.away("status 404, which is not its own")
        return Answer(status, found)

    def _permitted(self, question: Question, answer: Answer) -> JsonObject | None:
        if answer.status == 403:
            raise ProviderRefuses(provider=PROVIDER, what=question.what, permission=question.permission)
        return None if answer.status == 404 else answer.found
