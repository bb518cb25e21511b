"""Slack's limits on buttons, inputs, texts and options."""

import re
from typing import Any

from bot.sandbox.channels import Json

PICKS = frozenset({"static_select", "external_select", "users_select", "conversations_select", "channels_select"})
MULTI = frozenset(f"multi_{kind}" for kind in PICKS)
SIMPLE = frozenset({"checkboxes", "radio_buttons", "datepicker", "timepicker"})
IN_SECTION = PICKS | MULTI | SIMPLE | {"button", "overflow", "image", "workflow_button"}
IN_ACTIONS = PICKS | MULTI | SIMPLE | {"button", "overflow", "datetimepicker", "workflow_button"}
TYPED = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"})
IN_INPUT = PICKS | MULTI | SIMPLE | TYPED | {"datetimepicker", "file_input"}

URL = re.compile(r"(https?://|mailto:|slack://|tel:)\S+", re.IGNORECASE)
DATE = re.compile(r"\d{4}-\d\d-\d\d")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

_PICK = "placeholder confirm focus_on_load"
KEYS: dict[str, frozenset[str]] = {
    kind: frozenset(keys.split()) | {"type", "action_id"}
    for kind, keys in (
        ("button", "text value url style confirm accessibility_label"),
        ("overflow", "options confirm"),
        ("image", "image_url slack_file alt_text"),
        ("workflow_button", "text workflow style accessibility_label"),
        ("static_select", f"{_PICK} options option_groups initial_option"),
        ("multi_static_select", f"{_PICK} options option_groups initial_options max_selected_items"),
        ("external_select", f"{_PICK} initial_option min_query_length"),
        ("multi_external_select", f"{_PICK} initial_options min_query_length max_selected_items"),
        ("users_select", f"{_PICK} initial_user"),
        ("multi_users_select", f"{_PICK} initial_users max_selected_items"),
        ("channels_select", f"{_PICK} initial_channel response_url_enabled"),
        ("multi_channels_select", f"{_PICK} initial_channels max_selected_items"),
        (
            "conversations_select",
            f"{_PICK} initial_conversation default_to_current_conversation filter response_url_enabled",
        ),
        (
            "multi_conversations_select",
            f"{_PICK} initial_conversations default_to_current_conversation filter max_selected_items",
        ),
        ("checkboxes", "options initial_options confirm focus_on_load"),
        ("radio_buttons", "options initial_option confirm focus_on_load"),
        ("datepicker", f"{_PICK} initial_date"),
        ("timepicker", f"{_PICK} initial_time timezone"),
        ("datetimepicker", "initial_date_time confirm focus_on_load"),
        (
            "plain_text_input",
            "placeholder initial_value multiline min_length max_length dispatch_action_config focus_on_load",
        ),
        ("email_text_input", "placeholder initial_value dispatch_action_config focus_on_load"),
        ("url_text_input", "placeholder initial_value dispatch_action_config focus_on_load"),
        (
            "number_input",
            "placeholder initial_value is_decimal_allowed min_value max_value dispatch_action_config focus_on_load",
        ),
        ("rich_text_input", "placeholder initial_value dispatch_action_config focus_on_load"),
        ("file_input", "filetypes max_files"),
    )
}


class Problems:
    """The violations found so far, in Slack's wording."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, sentence: str, at: str) -> None:
        """Note one violation."""
        self.found.append(f"[ERROR] {sentence} [json-pointer:{at}]")

    def require(self, holds: bool, sentence: str, at: str) -> None:  # noqa: FBT001 (the condition itself)
        """Note a violation unless the condition holds."""
        if not holds:
            self.add(sentence, at)

    def unknown(self, thing: Json, keys: frozenset[str], at: str) -> None:
        """Note properties that this kind of thing hasn't."""
        for key in thing.keys() - keys:
            self.add(f"invalid additional property: {key}", f"{at}/{key}")

    def string(self, value: Any, at: str, *, most: int, is_optional: bool = False, may_be_empty: bool = False) -> None:
        """Check a string of 1 to `most` characters."""
        if value is None and is_optional:
            return
        if not isinstance(value, str):
            self.add("must be a string" if value is not None else "missing required field", at)
        elif len(value) > most:
            self.add(f"must be less than {most + 1} characters", at)
        elif not value and not may_be_empty:
            self.add("must be more than 0 characters", at)

    def items(self, value: Any, at: str, *, most: int, least: int = 1) -> None:
        """Check a list of `least` to `most` things."""
        if not isinstance(value, list):
            self.add("must be an array", at)
        elif len(value) > most:
            self.add(f"no more than {most} items allowed", at)
        elif len(value) < least:
            self.add(f"must have at least {least} items", at)

    def text(self, value: Any, at: str, *, most: int) -> None:
        """Check a text object, plain or mrkdwn."""
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in ("plain_text", "mrkdwn"):
            self.add("must be a text object", at)
            return
        if kind == "mrkdwn" and "emoji" in value:
            self.add("invalid additional property: emoji", f"{at}/emoji")
        elif kind == "plain_text" and "verbatim" in value:
            self.add("invalid additional property: verbatim", f"{at}/verbatim")
        self.string(value.get("text"), f"{at}/text", most=most)

    def plain(self, value: Any, at: str, *, most: int) -> None:
        """Check a text object that must be plain."""
        if isinstance(value, dict) and value.get("type") == "plain_text":
            self.text(value, at, most=most)
        else:
            self.add("must be a plain_text object", at)

    def url(self, value: Any, at: str) -> None:
        """Check an address of at most 3000 characters."""
        self.string(value, at, most=3000)
        if isinstance(value, str) and value and not URL.match(value):
            self.add("must be a valid URL", at)


def check_element(problems: Problems, element: Any, at: str, *, allowed: frozenset[str]) -> None:
    """Check one element that stands where only `allowed` kinds may."""
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in allowed:
        problems.add(f"unsupported type: {kind}", f"{at}/type")
        return
    problems.unknown(element, KEYS[kind], at)
    problems.string(element.get("action_id"), f"{at}/action_id", most=255, is_optional=True)
    if element.get("placeholder") is not None:
        problems.plain(element["placeholder"], f"{at}/placeholder", most=150)
    if element.get("confirm") is not None:
        _check_confirm(problems, element["confirm"], f"{at}/confirm")
    check = CHECKS.get(kind)
    if check is not None:
        check(problems, element, at)
    if "max_selected_items" in element:
        most = element["max_selected_items"]
        problems.require(isinstance(most, int) and most >= 1, "must be at least 1", f"{at}/max_selected_items")


def _check_confirm(problems: Problems, confirm: Any, at: str) -> None:
    if not isinstance(confirm, dict):
        problems.add("must be an object", at)
        return
    problems.unknown(confirm, frozenset({"title", "text", "confirm", "deny", "style"}), at)
    for key, most in (("title", 100), ("confirm", 30), ("deny", 30)):
        problems.plain(confirm.get(key), f"{at}/{key}", most=most)
    problems.text(confirm.get("text"), f"{at}/text", most=300)
    problems.require(confirm.get("style") in (None, "primary", "danger"), "unknown style", f"{at}/style")


def _check_button(problems: Problems, element: Json, at: str) -> None:
    problems.plain(element.get("text"), f"{at}/text", most=75)
    problems.string(element.get("value"), f"{at}/value", most=2000, is_optional=True, may_be_empty=True)
    if element.get("url") is not None:
        problems.url(element["url"], f"{at}/url")
    problems.require(element.get("style") in (None, "primary", "danger"), "unknown style", f"{at}/style")
    problems.string(element.get("accessibility_label"), f"{at}/accessibility_label", most=75, is_optional=True)


def _check_image(problems: Problems, element: Json, at: str) -> None:
    problems.string(element.get("alt_text"), f"{at}/alt_text", most=2000)
    if element.get("slack_file") is None:
        problems.url(element.get("image_url"), f"{at}/image_url")


def _check_options(problems: Problems, options: Any, at: str, *, most: int, kind: str) -> list[Json]:
    problems.items(options, at, most=most)
    checked = [option for option in options if isinstance(option, dict)] if isinstance(options, list) else []
    for index, option in enumerate(checked):
        here = f"{at}/{index}"
        problems.unknown(option, frozenset({"text", "value", "description", "url"}), here)
        if kind in ("checkboxes", "radio_buttons"):
            problems.text(option.get("text"), f"{here}/text", most=75)
        else:
            problems.plain(option.get("text"), f"{here}/text", most=75)
        problems.string(option.get("value"), f"{here}/value", most=150)
        if option.get("description") is not None:
            problems.text(option["description"], f"{here}/description", most=75)
        if option.get("url") is not None:
            problems.require(kind == "overflow", "only overflow menus have urls", f"{here}/url")
            problems.url(option["url"], f"{here}/url")
    return checked


def _check_static(problems: Problems, element: Json, at: str) -> None:
    kind = element["type"]
    groups = element.get("option_groups")
    if (groups is None) == (element.get("options") is None):
        problems.add("exactly one of options and option_groups is required", at)
        return
    if groups is None:
        most = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}.get(kind, 100)
        offered = _check_options(problems, element["options"], f"{at}/options", most=most, kind=kind)
    else:
        problems.items(groups, f"{at}/option_groups", most=100)
        offered = []
        for index, group in enumerate(groups if isinstance(groups, list) else ()):
            here = f"{at}/option_groups/{index}"
            problems.plain(group.get("label"), f"{here}/label", most=75)
            offered += _check_options(problems, group.get("options"), f"{here}/options", most=100, kind=kind)
    initial = element.get("initial_option")
    chosen = [initial] if initial is not None else element.get("initial_options")
    if chosen is not None:
        problems.items(chosen, f"{at}/initial_options", most=100)
        for option in chosen if isinstance(chosen, list) else ():
            problems.require(option in offered, "initial option is not among the options", at)


def _check_typed(problems: Problems, element: Json, at: str) -> None:
    start = element.get("initial_value")
    if element["type"] == "number_input":
        decimal = element.get("is_decimal_allowed")
        problems.require(isinstance(decimal, bool), "missing required field", f"{at}/is_decimal_allowed")
        for key in ("initial_value", "min_value", "max_value"):
            problems.require(isinstance(element.get(key, ""), str), "must be a string", f"{at}/{key}")
        return
    if start is not None and element["type"] != "rich_text_input":
        most = element.get("max_length", 3000)
        problems.string(start, f"{at}/initial_value", most=most, may_be_empty=True)
    for key, least, most in (("min_length", 0, 3000), ("max_length", 1, 3000)):
        length = element.get(key)
        if length is not None:
            fits = isinstance(length, int) and least <= length <= most
            problems.require(fits, f"must be from {least} to {most}", f"{at}/{key}")


def _check_moment(problems: Problems, element: Json, at: str) -> None:
    for key, form in (("initial_date", DATE), ("initial_time", TIME)):
        value = element.get(key)
        if value is not None:
            problems.require(isinstance(value, str) and bool(form.fullmatch(value)), "bad format", f"{at}/{key}")
    stamp = element.get("initial_date_time")
    if stamp is not None:
        problems.require(
            isinstance(stamp, int) and len(str(stamp)) == len("1700000000"),
            "must be a UNIX time in seconds",
            f"{at}/initial_date_time",
        )


CHECKS = {
    "button": _check_button,
    "image": _check_image,
    **dict.fromkeys(("static_select", "multi_static_select", "checkboxes", "radio_buttons", "overflow"), _check_static),
    **dict.fromkeys(("plain_text_input", "email_text_input", "url_text_input", "number_input"), _check_typed),
    **dict.fromkeys(("datepicker", "timepicker", "datetimepicker"), _check_moment),
}
