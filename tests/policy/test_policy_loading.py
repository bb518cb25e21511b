"""A policy is read whole, with its defaults, its text and its fingerprint."""

import hashlib
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from small_policy import DEPARTMENTS, TEAM, small_policy

from workflows.calendar import Window
from workflows.policy import load

ROOT = Path(__file__).parents[2]
SHIPPED = [ROOT / "docs" / "policy.example.toml", ROOT / "bot" / "sandbox" / "policy.toml"]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_policies_that_come_with_hearback_are_right(path: Path) -> None:
    policy = load(path.read_text(encoding="utf-8"))

    assert policy.warnings == ()
    assert len(policy.departments) >= 3


def test_the_demo_has_five_departments_and_wording_for_each_of_its_languages() -> None:
    policy = load(SHIPPED[1].read_text(encoding="utf-8"))

    assert [one.name for one in policy.departments] == [
        "Support",
        "Product",
        "Billing",
        "Customer Success",
        "Engineering",
    ]
    assert set(policy.team.languages) == set(policy.mail.wording)
    assert all(one.lead in one.members for one in policy.departments)


def test_what_is_left_out_has_its_default() -> None:
    policy = load(
        TEAM.replace('languages = ["de", "en"]\n', "").replace("valuable_account = 50_000\n", "") + DEPARTMENTS
    )

    assert policy.team.languages == ("en",)
    assert (policy.team.reopen_within, policy.team.valuable_account, policy.team.manager_channel) == (90, None, None)
    assert (policy.calendar.days, policy.calendar.hours) == ((0, 1, 2, 3, 4), (Window(540, 1020),))
    assert (policy.mail.from_, policy.mail.reply_to, policy.mail.delay) == (None, None, timedelta(minutes=2))
    assert (policy.rules, policy.sources, policy.clocks) == ((), (), ())
    escalation, pings = policy.escalation, policy.pings
    assert (escalation.warn_at, escalation.reassign) == (75, True)
    assert (escalation.lead, escalation.managers) == (timedelta(hours=1), timedelta(hours=4))
    assert (pings.quiet, pings.a_day) == (Window(20 * 60, 32 * 60), 10)
    assert (pings.batch_low, pings.batch_at) == (True, time(9))


def test_a_policy_remembers_its_text_and_has_a_fingerprint() -> None:
    policy = small_policy()

    assert policy.text == TEAM + DEPARTMENTS
    assert policy.digest == hashlib.sha256(policy.text.encode()).hexdigest()


def test_a_byte_order_mark_and_other_line_ends_do_no_harm() -> None:
    policy = load("\ufeff" + (TEAM + DEPARTMENTS).replace("\n", "\r\n"))

    assert policy.team.name == "Lumen Desk"


def test_departments_are_found_by_their_keys() -> None:
    policy = small_policy()

    assert policy.department("billing").name == "Billing"
    assert policy.default_department.key == "support"
    with pytest.raises(KeyError):
        policy.department("sales")


def test_a_policy_does_not_change() -> None:
    with pytest.raises(ValidationError):
        small_policy().team.name = "Other"  # type: ignore[misc]  # that it is refused is the test


def test_hours_and_days_off_become_a_calendar() -> None:
    policy = small_policy(
        '[calendar]\ndays = ["Monday", "fri"]\nhours = ["13:30-18:00", "09:00 - 12:30"]\ncountry = "DE-BY"\n'
        'closed = [2026-12-28, "2026-12-29", "12-24", "02-29"]\n'
    )

    calendar = policy.calendar_of("support")

    assert calendar.zone.key == "Europe/Berlin"
    assert calendar.weekdays == {0, 4}
    assert calendar.windows == (Window(540, 750), Window(810, 1080))
    assert calendar.country == "DE-BY"
    assert calendar.closed == {date(2026, 12, 28), date(2026, 12, 29)}
    assert calendar.closed_yearly == {(12, 24), (2, 29)}


def test_a_departments_calendar_replaces_what_it_names() -> None:
    policy = small_policy('[calendar]\ncountry = "US"\nclosed = ["12-24"]\n')

    calendar = policy.calendar_of("billing")

    assert (calendar.zone.key, calendar.weekdays) == ("America/New_York", frozenset({0}))
    assert calendar.windows == (Window(22 * 60, 26 * 60),)
    assert (calendar.country, calendar.closed_yearly) == ("US", frozenset({(12, 24)}))


def test_a_department_may_be_open_when_the_team_is_closed() -> None:
    departments = DEPARTMENTS.replace('days = ["mon"]', "closed = []")
    policy = load(TEAM + departments + '[calendar]\nclosed = ["12-24"]\n')

    assert policy.calendar_of("support").closed_yearly == {(12, 24)}
    assert policy.calendar_of("billing").closed_yearly == frozenset()


@pytest.mark.parametrize(
    ("written", "hours"), [("30m", 0.5), ("4h", 4), ("2d", 16), ("1d 4h", 12), ("1d4h30m", 12.5), ("90m", 1.5)]
)
def test_durations_count_eight_hours_a_day(written: str, hours: float) -> None:
    policy = small_policy(f'[[clock]]\nurgency = "low"\nclaim = "1m"\ncontact = "{written}"\ntell = "9d"\n')

    assert policy.clock("low").contact == timedelta(hours=hours)


@pytest.mark.parametrize(("written", "seconds"), [("90s", 90), ("0m", 0), ("1h", 3600), ("1m 30s", 90), ("24h", 86400)])
def test_the_delay_of_mails_is_on_the_wall_clock(written: str, seconds: int) -> None:
    assert small_policy(f'[mail]\ndelay = "{written}"\n').mail.delay == timedelta(seconds=seconds)


def test_a_departments_limits_win_over_all_and_all_over_the_built_in_ones() -> None:
    limits = '[[clock]]\nurgency = "{}"\n{}claim = "{}"\ncontact = "8h"\ntell = "9h"\n'
    billing = limits.format("low", 'department = "billing"\n', "1h")
    policy = small_policy(billing + limits.format("low", "", "2h") + limits.format("high", "", "3h"))

    claims = [policy.clock(*of).claim for of in (("low", "billing"), ("low", "support"), ("low", None))]

    assert claims == [timedelta(hours=1), timedelta(hours=2), timedelta(hours=2)]
    assert policy.clock("high", "billing").claim == timedelta(hours=3)
    assert policy.clock("urgent", "billing").claim == timedelta(minutes=30)


def test_own_working_days_are_the_teams_or_the_departments() -> None:
    days = 'days = ["mon"], open = [2026-12-26]'
    policy = load(TEAM + DEPARTMENTS.replace('days = ["mon"]', days) + '[calendar]\nopen = [2026-11-21, "12-24"]\n')

    team, billing = policy.calendar_of("support"), policy.calendar_of("billing")

    assert team.open == {date(2026, 11, 21)}
    assert team.open_yearly == {(12, 24)}
    assert billing.open == {date(2026, 12, 26)}
    assert billing.open_yearly == frozenset()


def test_quiet_hours_may_never_be_and_a_time_may_stand_without_quotes() -> None:
    pings = small_policy('[pings]\nquiet = "never"\nbatch_at = 07:30:00\n').pings

    assert (pings.quiet, pings.batch_at) == (None, time(7, 30))


def test_people_are_ids_or_addresses_in_small_letters() -> None:
    assert small_policy().team.managers == ("UMAX", "ines@lumendesk.example")


def test_languages_are_written_in_one_way() -> None:
    policy = load((TEAM + DEPARTMENTS).replace('["de", "en"]', '["PT_br", "zh-hant", "fil"]'))

    assert policy.team.languages == ("pt-BR", "zh-Hant", "fil")


def test_one_value_may_stand_for_a_list_of_one() -> None:
    policy = small_policy('[[rule]]\nname = "A"\ndepartment = "billing"\nwhen = { band = "low", words = "slow" }\n')

    assert (policy.rules[0].when.band, policy.rules[0].when.words) == (("low",), ("slow",))


def test_the_mails_sender_is_called_from() -> None:
    policy = small_policy('[mail]\nfrom = "Lumen Desk <care@lumendesk.example>"\nreply_to = "care@lumendesk.example"\n')

    assert (policy.mail.from_, policy.mail.reply_to) == (
        "Lumen Desk <care@lumendesk.example>",
        "care@lumendesk.example",
    )


def test_rules_that_never_match_are_pointed_out() -> None:
    policy = small_policy(
        """
[[rule]]
name = "Unhappy"
when = { band = ["low", "neutral"], score_at_most = 5 }
department = "support"

[[rule]]
name = "Very unhappy"
when = { band = "low", score_at_most = 4, words = "angry" }
department = "billing"

[[rule]]
name = "Less unhappy"
when = { band = "low", score_at_most = 6 }
department = "billing"

[[rule]]
name = "Happy"
when = { band = "high" }
department = "billing"
"""
    )

    assert [(problem.key, problem.message) for problem in policy.warnings] == [
        ("rule[2]", "“Very unhappy” never matches: “Unhappy” above takes all its answers. Move it up.")
    ]


def test_a_language_without_wording_is_pointed_out() -> None:
    texts = ("told_subject", "told_body", "contact_subject", "contact_body")
    policy = small_policy("[mail.wording.fr]\n" + "".join(f'{key} = "x"\n' for key in texts))

    assert [str(problem) for problem in policy.warnings] == [
        "line 4, team.languages[1]: There is no wording for de: these customers get English."
    ]
