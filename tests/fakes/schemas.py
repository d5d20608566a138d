from collections.abc import Mapping

from typing_extensions import override

from bot.domain.canonical import JsonObject
from bot.ports.outside import Schemas


class FakeSchemas(Schemas):
    """Finds what it is told to find, whatever the schema says."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    @override
    def problems(self, schema: JsonObject, arguments: JsonObject) -> Mapping[str, str]:
        return dict(self.found)
