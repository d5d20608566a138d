"""An Okta organisation for tests.

Source: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/ (users),
https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Group/ (groups)
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import format_datetime
from typing import Final, TypeVar
from urllib.parse import urlencode

from aiohttp import web
from typing_extensions import override

from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.people import Person, PersonId
from bot.ports.outside import Clock
from tests.servers.okta_search import BadSearch, Values, read_search
from tests.servers.okta_tokens import GROUPS, USERS, OktaTokens
from tests.servers.provider import Directory, Handler, ProviderServer

_USER: Final = ("login", "email", "firstName", "lastName", "displayName", "employeeNumber")
_SEARCHED: Final = {
    "users": frozenset({"id", "status", *(f"profile.{name}" for name in _USER)}),
    "groups": frozenset({"id", "type", "profile.name"}),
}
_MOST: Final = {"users": 200, "members": 1000, "groups": 10_000}
"""What `limit` may be."""

Row = TypeVar("Row")


class _Index:
    """What everybody has, and who has what."""

    def __init__(self, of: Directory, values: Mapping[PersonId, Values]) -> None:
        self.of = of
        self.values = values
        self._having: dict[tuple[str, str], list[PersonId]] = {}
        for person, texts in values.items():
            short = texts.get("profile.login", "").partition("@")[0]
            for pair in (*texts.items(), ("short", short)):
                self._having.setdefault(pair, []).append(person)

    def with_one_of(self, pairs: Iterable[tuple[str, str]]) -> list[PersonId]:
        """Gives those who have one of the values, each once."""
        return list(dict.fromkeys(person for pair in pairs for person in self._having.get(pair, ())))


class OktaServer(ProviderServer):
    """Knows users and groups; whoever is not enabled is suspended, unless a test says otherwise."""

    permissions = frozenset({USERS, GROUPS})
    has_bare_lists = True
    missing_body = b'{"errorCode": "E0000007", "errorSummary": "Not found: Resource not found: x (User)"}'

    def __init__(self, *, clock: Clock, page: int = 2) -> None:
        """Takes its time, and how many things it puts on a page at most."""
        super().__init__(page=page)
        self.clock = clock
        self.app = OktaTokens(clock)
        """The services app, and its tokens."""
        self.reset_in_s: int | None = None
        """In how many seconds its count begins anew; None while nobody asks too often."""
        self.refusals = -1
        """How many more calls are too many; -1 for every one."""
        self.has_too_many_at_once = False
        self.mishaps = 0
        """How many more calls go wrong inside of it."""
        self.types: dict[str, str] = {}
        """Of groups that are no OKTA_GROUP."""
        self._profiles: dict[str, JsonObject] = {}
        self._statuses: dict[str, JsonObject] = {}
        self._index: _Index | None = None

    @override
    def holds(self, people: Sequence[Person]) -> None:
        super().holds(people)
        self._indexed(self.now)

    def says(self, person: str, **profile: JsonValue) -> None:
        """Puts this into the person's profile; None takes something out."""
        self._profiles[person] = {**self._profiles.get(person, {}), **profile}
        self._index = None

    def has_status(self, person: str, status: str, *, coming: str | None = None) -> None:
        """Gives the person's account this status, and one that it is about to have."""
        self._statuses[person] = {"status": status, "transitioningToStatus": coming}
        self._index = None

    @override
    def is_known(self, request: web.Request) -> bool:
        return self.app.scopes_of(request.headers.get("Authorization", "")) is not None

    @override
    def unknown_caller(self) -> web.Response:
        return _error(401, "E0000011", "Invalid token provided")

    @override
    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/oauth2/v1/token", self._token),
            web.get("/api/v1/users", self._limited(USERS, self._users)),
            web.get("/api/v1/users/{id}", self._limited(USERS, self._user)),
            web.get("/api/v1/users/{id}/groups", self._limited(USERS, self._groups_of_user)),
            web.get("/api/v1/groups", self._limited(GROUPS, self._groups)),
            web.get("/api/v1/groups/{id}/users", self._limited(GROUPS, self._members)),
        ]

    def _limited(self, scope: str, handler: Handler) -> Handler:
        """Gives the handler for calls that are neither too many nor forbidden."""

        async def limited(request: web.Request) -> web.StreamResponse:
            refused = self._mishap() or self._too_many() or self._forbidden(request, scope)
            response = refused or await handler(request)
            # Each answer tells the count, so that whoever reads it with anything but a 429 is found out.
            response.headers.setdefault("X-Rate-Limit-Limit", "600")
            response.headers.setdefault("X-Rate-Limit-Remaining", "599")
            response.headers.setdefault("X-Rate-Limit-Reset", self._epoch(60))
            response.headers["Date"] = format_datetime(self.clock.now(), usegmt=True)
            return response

        return limited

    def _epoch(self, in_s: int) -> str:
        return str(int(self.clock.now().timestamp()) + in_s)

    def _mishap(self) -> web.Response | None:
        if self.mishaps == 0:
            return None
        self.mishaps -= 1
        return _error(500, "E0000009", "Internal Server Error")

    def _too_many(self) -> web.Response | None:
        """Gives the refusal of a call too many.

        Source: https://developer.okta.com/docs/reference/rl-best-practices/
        """
        if self.reset_in_s is None or self.refusals == 0:
            return None
        self.refusals -= 1
        response = _error(429, "E0000047", "API call exceeded rate limit due to too many requests.")
        response.headers["X-Rate-Limit-Limit"] = "0" if self.has_too_many_at_once else "600"
        response.headers["X-Rate-Limit-Remaining"] = "0"
        response.headers["X-Rate-Limit-Reset"] = self._epoch(self.reset_in_s)
        return response

    def _forbidden(self, request: web.Request, scope: str) -> web.Response | None:
        """Gives the refusal of a call for which the token lacks the scope, or its owner the role."""
        if scope not in (self.app.scopes_of(request.headers.get("Authorization", "")) or ()):
            words = 'Bearer error="insufficient_scope", error_description="The access token provided does not'
            given = f'{words} contain the required scopes.", scope="{scope}", resource="{request.path}"'
            return web.Response(status=403, headers={"WWW-Authenticate": given})
        if scope in self.faults.denied:
            return _error(403, "E0000006", "You do not have permission to perform the requested action")
        return None

    async def _token(self, request: web.Request) -> web.Response:
        return await self.app.answer(request, address=f"{self.url}oauth2/v1/token", denied=self.faults.denied)

    async def _user(self, request: web.Request) -> web.Response:
        person = self._called(request.match_info["id"])
        if person is None:
            return _missing(request)
        return web.json_response(self._user_json(person))

    async def _groups_of_user(self, request: web.Request) -> web.Response:
        person = self._called(request.match_info["id"])
        if person is None:
            return _missing(request)
        groups = self.now.groups_of(person.id)
        return self._listed(
            request, groups, lambda one: self._group_json(one, self.now), most=_MOST["groups"]
        )

    async def _members(self, request: web.Request) -> web.Response:
        group = request.match_info["id"]
        if group not in self.now.groups:
            return _missing(request)
        people = [self.now.people[one] for one in sorted(self.now.members[group]) if one in self.now.people]
        return self._listed(request, people, self._user_json, most=_MOST["members"])

    async def _users(self, request: web.Request) -> web.Response:
        try:
            search = read_search(request.query["search"], known=_SEARCHED["users"])
        except KeyError:
            # Without a search, accounts that are gone are left out.
            there = (one for one in self.listed.people.values() if self._status(one) != "DEPROVISIONED")
            return self._listed(request, list(there), self._user_json, most=_MOST["users"])
        except BadSearch as bad:
            return _error(400, "E0000031", f"Invalid search criteria. {bad}")
        known = self._indexed(self.listed)
        wanted = known.with_one_of(search.equal) if search.equal else known.values
        fitting = [self.listed.people[one] for one in wanted if search.fits(known.values[one])]
        return self._listed(request, fitting, self._user_json, most=_MOST["users"])

    async def _groups(self, request: web.Request) -> web.Response:
        listed, search = self.listed, request.query.get("search", "")
        fitting = list(listed.groups)
        try:
            if search:
                fits = read_search(search, known=_SEARCHED["groups"]).fits
                fitting = [group for group in fitting if fits(self._group_values(group, listed))]
        except BadSearch as bad:
            return _error(400, "E0000031", f"Invalid search criteria. {bad}")
        return self._listed(request, fitting, lambda one: self._group_json(one, listed), most=_MOST["groups"])

    def _called(self, said: str) -> Person | None:
        """Gives who has this id, login, or beginning of a login, as Okta takes all of them."""
        by_id = self.now.people.get(PersonId(said))
        if by_id is not None:
            return by_id
        if said == "me":
            # That is whoever made the API token.
            return next(iter(self.now.people.values()), None)
        known = self._indexed(self.now)
        by_login = known.with_one_of([("profile.login", said.lower())])
        found = by_login or known.with_one_of([("short", said.lower())])
        return self.now.people[found[0]] if len(found) == 1 else None

    def _indexed(self, directory: Directory) -> _Index:
        """Gives everybody by what can be searched for; a test with many people searches often."""
        if self._index is None or self._index.of is not directory:
            self._index = _Index(directory, {one.id: self._values(one) for one in directory.people.values()})
        return self._index

    def _values(self, person: Person) -> Values:
        profile = self._profile(person)
        texts = {f"profile.{name}": profile.get(name) for name in _USER}
        found: dict[str, JsonValue] = {"id": person.id, "status": self._status(person), **texts}
        return {name: value.lower() for name, value in found.items() if isinstance(value, str)}

    def _status(self, person: Person) -> JsonValue:
        said = self._statuses.get(person.id, {})
        return said.get("status", "ACTIVE" if person.enabled else "SUSPENDED")

    def _profile(self, person: Person) -> dict[str, JsonValue]:
        first, _, last = person.name.partition(" ")
        return {
            "login": person.email,
            "email": person.email,
            "firstName": first,
            "lastName": last,
            "displayName": person.name,
            "title": person.title,
            "department": person.department,
            "managerId": person.manager,
            **self._profiles.get(person.id, {}),
        }

    def _user_json(self, person: Person) -> JsonObject:
        return {
            "id": person.id,
            "status": self._status(person),
            "transitioningToStatus": self._statuses.get(person.id, {}).get("transitioningToStatus"),
            "type": {"id": "oty1"},
            "profile": self._profile(person),
            "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
            "_links": {"self": {"href": f"{self.url}api/v1/users/{person.id}"}},
        }

    def _type(self, group: str) -> str:
        return self.types.get(group, "OKTA_GROUP")

    def _group_values(self, group: str, directory: Directory) -> Values:
        found = {"id": group, "type": self._type(group), "profile.name": directory.groups[group]}
        return {name: value.lower() for name, value in found.items()}

    def _group_json(self, group: str, directory: Directory) -> JsonObject:
        return {
            "id": group,
            "objectClass": ["okta:user_group"],
            "type": self._type(group),
            "profile": {"name": directory.groups[group], "description": ""},
            "_links": {"users": {"href": f"{self.url}api/v1/groups/{group}/users"}},
        }

    def _listed(
        self, request: web.Request, rows: Sequence[Row], shown: Callable[[Row], JsonObject], *, most: int
    ) -> web.Response:
        """Gives a page, and links to itself and to the next one; what it does not know is refused."""
        query = dict(request.query)
        limit, after = query.get("limit", str(most)), query.get("after", "c0")
        # Only what is at the top can be searched.
        known = {"limit", "after", *({"search"} if "id" not in request.match_info else ())}
        unknown = set(query) - known
        if unknown or not limit.isdecimal() or not 0 < int(limit) <= most or not after[1:].isdecimal():
            return _error(400, "E0000001", f"Api validation failed: {sorted(unknown) or limit}")
        start, size = int(after[1:]), min(int(limit), self.page)
        response = web.json_response([shown(row) for row in rows[start : start + size]])
        here = f"{self.url}{request.path.lstrip('/')}"
        response.headers.add("Link", f'<{here}?{urlencode(query)}>; rel="self"')
        following = ""
        if self.faults.has_endless_pages:
            following = f"{here}?{urlencode(query)}"
        elif start + size < len(rows):
            following = f"{here}?{urlencode({**query, 'after': f'c{start + size}'})}"
        if following:
            response.headers.add("Link", f'<{self.faults.next_page or following}>; rel="next"')
        return response


def _missing(request: web.Request) -> web.Response:
    return _error(404, "E0000007", f"Not found: Resource not found: {request.match_info['id']}")


def _error(status: int, code: str, summary: str) -> web.Response:
    """Gives an error as Okta tells it.

    Source: https://developer.okta.com/docs/reference/error-codes/
    """
    body = {
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": "oae1",
        "errorCauses": [],
    }
    return web.json_response(body, status=status)
