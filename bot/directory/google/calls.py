"""Calls to the Directory API, and what its answers mean."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from aiohttp import ClientResponse
from typing_extensions import override

from bot.directory.calls import Calls
from bot.documents.json_reading import object_at, object_of, rows_at, text_at
from bot.domain.canonical import JsonObject, JsonValue
from bot.outgoing.outcomes import Declined
from bot.outgoing.session import Unreadable, json_in, retry_after

MOST: Final = 10_000
"""Resources that are read of one list; more is an answer that does not end."""
A_FEW: Final = 5
"""Pages that are read for type-ahead."""
_LATER: Final = frozenset({"quotaExceeded", "rateLimitExceeded", "userRateLimitExceeded"})
"""Reasons of a 403 that passes by itself.

Source: https://developers.google.com/workspace/admin/directory/v1/limits
"""
_NOT_FOUND: Final = "notFound"
"""Source: https://developers.google.com/youtube/v3/docs/core_errors (of all Google APIs)"""
_NO_KEY: Final = (": userKey", ": groupKey")
"""How the message ends where what was asked for is the id or address of nothing at all."""
_BY_REASON: Final = {
    "accessNotConfigured": "the Admin SDK API, by enabling it in the service account’s Google Cloud project",
    "forbidden": "an administrator with the privileges Users → Read and Groups → Read",
    "domainCannotUseApis": "API access in the Admin console",
}
"""What is missing besides a scope.

Source: https://developers.google.com/workspace/admin/reseller/v1/support/directory_api_common_errors
"""


class GoogleCalls(Calls):
    """Used as a block, whose end closes the connections."""

    @override
    def is_missing(self, body: JsonValue) -> bool:
        error = object_at(object_of(body), "error")
        return error.get("code") == 404 and _NOT_FOUND in {
            text_at(row, "reason") for row in rows_at(error, "errors")
        }

    @override
    async def declined(self, response: ClientResponse) -> Declined:
        status, missing = response.status, ""
        if status in {400, 403}:
            try:
                error = object_at(object_of(await json_in(response)), "error")
            except Unreadable:
                error = {}
            reasons = {text_at(row, "reason") for row in rows_at(error, "errors")}
            if status == 403 and reasons & _LATER:
                status = 429
            elif status == 400 and text_at(error, "message").endswith(_NO_KEY):
                status = 404
            missing = next((said for reason, said in _BY_REASON.items() if reason in reasons), "")
        return Declined(status, missing, retry_after(response))

    async def one(
        self,
        path: str,
        kind: str,
        *,
        fields: str,
        what: str,
        permission: str,
        may_be_missing: bool = False,
    ) -> JsonObject:
        """Gives a resource of this kind, which has an id.

        Raises:
            Missing, DirectoryUnreachable: as `call` does.
        """
        found = await self.call(
            "GET",
            f"{path}?fields={_quoted(fields)}",
            what=what,
            permission=permission,
            may_be_missing=may_be_missing,
        )
        if text_at(found, "kind") != f"admin#directory#{kind}" or not text_at(found, "id"):
            raise self.away("its answer is not what was asked for")
        return found

    async def many(
        self,
        path: str,
        kind: str,
        query: Mapping[str, str],
        *,
        fields: str,
        page: int,
        what: str,
        permission: str,
        most: int = MOST,
        pages: int = 0,
        may_be_missing: bool = False,
    ) -> list[JsonObject]:
        """Gives the resources of a list; of one that does not end nothing.

        Args:
            path: of the list.
            kind: what its rows stand under.
            query: what is asked for.
            fields: of each row.
            page: the resources on a page at most; Google may give fewer.
            what: as in `call`.
            permission: as in `call`.
            most: how many are wanted.
            pages: after so many pages what was found will do; 0 if it will not.
            may_be_missing: as in `call`.

        Raises:
            Missing, DirectoryUnreachable: as `call` does.
        """
        wanted = {
            **query,
            "fields": f"kind,nextPageToken,{kind}({fields})",
            "maxResults": str(min(most, page)),
        }
        found: list[JsonObject] = []
        following = ""
        for _ in range(pages or max(MOST // page, 1)):
            asked = {**wanted, "pageToken": following} if following else wanted
            said = "&".join(f"{name}={_quoted(value)}" for name, value in asked.items())
            answer = await self.call(
                "GET",
                f"{path}?{said}",
                what=what,
                permission=permission,
                may_be_missing=may_be_missing,
            )
            rows, token = answer.get(kind, []), answer.get("nextPageToken", "")
            is_list = isinstance(rows, list) and isinstance(token, str)
            if not is_list or text_at(answer, "kind") != f"admin#directory#{kind}":
                raise self.away("its answer is not what was asked for")
            found += rows_at(answer, kind)
            following = text_at(answer, "nextPageToken")
            if not following or (pages and len(found) >= most):
                return found
        if pages:
            return found
        raise self.away("its list does not end")


def _quoted(text: str) -> str:
    return quote(text, safe="")
