"""Links to the report, as Slack hands them out privately: signed, for one member, for some minutes."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from itsdangerous import BadSignature, URLSafeSerializer

from workflows.entrance import LINK_LASTS

ROOT: Final = "/report"
ENTER: Final = f"{ROOT}/enter"
SALT: Final = "hearback report link"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads the links that Slack hands out privately. `secret` is the bot's token, `home` our public address.

    The package's own time stamps would read the clock on the wall: the end of a link's life stands inside it instead.
    """

    secret: str = field(repr=False)
    home: str

    def report(self, member: str, *, at: datetime, path: str = ROOT) -> str:
        """Make a link that lets this member in once, within the next minutes, to a page of the report."""
        said = [member, secrets.token_urlsafe(12), int((at + LINK_LASTS).timestamp()), path]
        return f"{self.home.rstrip('/')}{ENTER}?key={self._serializer().dumps(said)}"

    def read(self, key: str) -> tuple[str, str, int, str] | None:
        """Give member, nonce, end (unix seconds) and path of a link; None: we didn't make it."""
        try:
            member, nonce, end, path = self._serializer().loads(key)
        except (BadSignature, ValueError, TypeError):
            return None
        return str(member), str(nonce), int(end), str(path)

    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt=SALT)
