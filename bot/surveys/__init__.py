"""Responses arrive here: one file for each survey tool, each of which checks a request and reads an answer from it."""

from bot.surveys import formbricks, generic, intercom, typeform
from bot.surveys.request import Adapter

ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter for adapter in (generic.ADAPTER, typeform.ADAPTER, intercom.ADAPTER, formbricks.ADAPTER)
}
