"""`manifest`: what to paste where Slack asks for an app's manifest."""

import json
import sys

from bot.settings import read_settings
from bot.slack.manifest import manifest


def show() -> int:
    """Print the manifest: for HTTP where PUBLIC_URL is given and no app token, else for Socket Mode."""
    settings = read_settings(needs_slack=False)
    public_url = None if settings.is_socket_mode else settings.public_url
    print(json.dumps(manifest(public_url=public_url), indent=2))
    if public_url is None:
        print("This is for Socket Mode. For HTTP, set PUBLIC_URL and run it again.", file=sys.stderr)
    return 0
