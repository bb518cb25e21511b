"""Reading a request's body, up to a size."""

from starlette.requests import ClientDisconnect, Request


async def body_of(request: Request, *, largest: int) -> bytes | None:
    """Read the body's bytes as they came. None: there are more than `largest`, or the caller has gone."""
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdecimal() and (len(length) > len(str(largest)) or int(length) > largest):
        return None
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > largest:
                return None
            parts.append(part)
    except ClientDisconnect:
        return None
    return b"".join(parts)
