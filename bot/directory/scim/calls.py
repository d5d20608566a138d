"""Calls to a SCIM server."""

from typing import Final

from typing_extensions import override

from bot.directory.calls import Calls
from bot.documents.json_reading import object_of
from bot.domain.canonical import JsonValue

ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
"""Source: https://www.rfc-editor.org/rfc/rfc7644#section-3.12"""


class ScimCalls(Calls):
    """Used as a block, whose end closes the connections."""

    @override
    def is_missing(self, body: JsonValue) -> bool:
        error = object_of(body)
        schemas = error.get("schemas")
        # The status is a text in the standard, and a number in some servers.
        return isinstance(schemas, list) and ERROR in schemas and error.get("status") in ("404", 404)
