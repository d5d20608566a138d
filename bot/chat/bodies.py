"""How much one request may bring, where a route takes less than the server does."""

from aiohttp import web


class BodyTooLong(web.HTTPRequestEntityTooLarge):
    """A request's body is too long; unlike aiohttp's own, it says how long one may be."""

    def __init__(self, limit: int) -> None:
        """Takes the bytes that a body may have."""
        super().__init__(max_size=limit)
        self.limit = limit


async def body_within(request: web.Request, limit: int) -> bytes:
    """Gives the request's body.

    Raises:
        BodyTooLong: it has more bytes than the limit, or than the server takes.
    """
    try:
        content = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise BodyTooLong(min(limit, request.client_max_size)) from None
    if len(content) > limit:
        raise BodyTooLong(limit)
    return content
