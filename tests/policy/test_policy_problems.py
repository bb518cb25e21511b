"""Whatever is wrong with a policy is said at once, with its line, its key and what to do."""

import pytest
from small_policy import DEPARTMENTS, TEAM, problems_of, problems_with

from workflows.policy import PolicyError, load


def department(more: str) -> str:
    return f'[[department]]\nkey = "x"\nname = "X"\nchannel = "#x"\nlead = "UANA"\n{more}\n'


def rule(more: str) -> str:
    return f'[[rule]]\nname = "A"\ndepartment = "support"\n{more}\n'


def source(more: str) -> str:
    return f'[[source]]\nname = "typeform"\n{more}\n'


def clock(more: str) -> str:
    return f'[[clock]]\nurgency = "high"\n{more}\n'


PERSON = "should be a Slack member id such as U02AB3CD4EF (profile, ⋮, Copy member ID) or an e-mail address"
SPAN = 'should be a duration of working time such as "30m", "4h", "2d" or "1d 4h" (a d is 8 hours)'
LIMITS = 'claim = "1h"\ncontact = "2h"\ntell = "3h"'
ORDER = (
    "`low` and `neutral` are the last low and the last neutral score, from the unhappy end: `low` is not above "
    "`neutral`, both lie on the scale of 1 to 5, with at least one happier score left."
)


@pytest.mark.parametrize(
    ("more", "line", "key", "message"),
    [
        ('[teams]\nname = "x"', 1, "teams", "`teams` is no key of the policy; did you mean `team`?"),
        (
            department("colour = 1"),
            6,
            "department[3].colour",
            "`colour` is no key of department[3]; its keys are key, ",
        ),
        (department('member = ["U1234"]'), 6, "department[3].member", "did you mean `members`?"),
        (department('members = ["U1234",\n"U5678",\n"ann"]'), 8, "department[3].members[3]", f"{PERSON}, not “ann”."),
        (department('members = ["UANA", "UANA"]'), 6, "department[3].members", "names UANA twice; remove one of them."),
        (department("members = 5"), 6, "department[3].members", "should be a list in brackets"),
        (department("calendar = 5"), 6, "department[3].calendar", "should be a table of keys"),
        (department("[department.calendar]\nfruit = 1"), 7, "department[3].calendar.fruit", "its keys are timezone"),
        (
            department('calendar = { timezone = "Mars" }'),
            6,
            "department[3].calendar.timezone",
            "is no timezone that is",
        ),
        (department("").replace('"#x"', '"x"'), 4, "department[3].channel", 'a channel: "#support" in small letters'),
        (department("").replace('"x"', '"X y"', 1), 2, "department[3].key", "should be small letters, digits, - and _"),
        (department("").replace('"x"', '"billing"', 1), 2, "department[3].key", "Another [[department]] above has the"),
        (department("").replace('name = "X"', "name = 5"), 3, "department[3].name", "a text in quotes, not “5”."),
        (department("").replace('"X"', '""'), 3, "department[3].name", "`name` is empty; write something, or leave"),
        (department("").replace('"X"', '"X\\nY"'), 3, "department[3].name", "`name` holds a line break or a control"),
        (department("").replace('lead = "UANA"', ""), 1, "department[3].lead", '`lead` is missing; add lead = "U02AB'),
        ('[calendar]\nhours = ["00:00-00:05"]', 1, "calendar", "The hours of the team are too few for any limit."),
        ("[calendar]\ndays = []", 2, "calendar.days", "`days` is empty; add at least one."),
        ('[calendar]\ndays = ["mon", "tuesday", "mo"]', 2, "calendar.days[3]", "should be a weekday: one of mon, tue,"),
        (
            '[calendar]\ndays = ["mon", "monday"]',
            2,
            "calendar.days",
            "`days` names a weekday twice; remove one of them.",
        ),
        (
            '[calendar]\nhours = ["9-17"]',
            2,
            "calendar.hours[1]",
            'should be hours such as "09:00-12:30", with two digits',
        ),
        ('[calendar]\nhours = ["09:00-24:01"]', 2, "calendar.hours[1]", "should lie between 00:00 and 24:00"),
        ('[calendar]\nhours = ["09:61-10:00"]', 2, "calendar.hours[1]", "should lie between 00:00 and 24:00"),
        ('[calendar]\nhours = ["09:00-09:00"]', 2, "calendar.hours[1]", 'a whole day is "00:00-24:00"'),
        ('[calendar]\nhours = ["09:00-12:00", "11:00-13:00"]', 2, "calendar.hours", "holds windows that overlap; join"),
        ('[calendar]\nhours = ["22:00-06:00", "05:00-07:00"]', 2, "calendar.hours", "holds windows that overlap; join"),
        ('[calendar]\ncountry = "Germany"', 2, "calendar.country", "is no country whose holidays are known; write its"),
        (
            '[calendar]\ncountry = "DE-XX"',
            2,
            "calendar.country",
            "names a part of DE that isn't known (some that are: ",
        ),
        ('[calendar]\nclosed = ["24.12."]', 2, "calendar.closed[1]", '2026-12-24 for once, "12-24" for every year'),
        ('[calendar]\nclosed = ["02-30"]', 2, "calendar.closed[1]", "should be a day"),
        ("[calendar]\nclosed = [2026-12-24T10:00:00]", 2, "calendar.closed[1]", "should be a day"),
        ("[[calendar]]\n", 1, "calendar", "`calendar` stands once; write [calendar] with single brackets."),
        ('[rule]\nname = "x"', 1, "rule", "`rule` may stand several times; write [[rule]] with double brackets."),
        (rule('urgency = "hihg"'), 4, "rule[1].urgency", "should be 'low', 'normal', 'high' or 'urgent', not “hihg”."),
        (
            rule("").replace('"support"', '"suport"'),
            3,
            "rule[1].department",
            "the key “suport”. Did you mean “support”?",
        ),
        (rule("").replace('"support"', '"x"'), 3, "rule[1].department", "There are: support, billing."),
        (rule('also = ["billing", "sales"]'), 4, "rule[1].also[2]", "No department has the key “sales”."),
        (rule('also = ["support"]'), 4, "rule[1].also[1]", "The department “support” gets these cases already."),
        (
            rule('also = ["billing", "billing"]'),
            4,
            "rule[1].also[2]",
            "gets these cases already. Remove it from `also`",
        ),
        (rule('when = { band = "bad" }'), 4, "rule[1].when.band", "should be 'low', 'neutral' or 'high', not “bad”."),
        (
            rule('[rule.when]\nwords = ["a",\n"",\n]'),
            6,
            "rule[1].when.words[2]",
            "`words[2]` is empty; write something",
        ),
        (
            rule('when = { words = ["?!"] }'),
            4,
            "rule[1].when",
            "looks for “?!” in `words`, which has no letter or digit",
        ),
        (rule("when = { words = [] }"), 4, "rule[1].when.words", "is empty, so it can never be met; leave the key out"),
        (rule("when = { words = 7 }"), 4, "rule[1].when.words", "should be a text in quotes, not “7”."),
        (rule('when = { colour = "x" }'), 4, "rule[1].when.colour", "its keys are metric, band, score_at_most, words"),
        (rule('when = { score_at_most = "3" }'), 4, "rule[1].when.score_at_most", "should be a number without quotes"),
        (rule("when = { score_at_most = nan }"), 4, "rule[1].when.score_at_most", "neither nan nor inf"),
        (rule(f"when = {{ score_at_most = 1{'0' * 400} }}"), 4, "rule[1].when.score_at_most", "`score_at_most` "),
        (rule("when = { score_at_most = true }"), 4, "rule[1].when.score_at_most", "should be a number without quotes"),
        (
            rule('when = { language = "xx" }'),
            4,
            "rule[1].when.language",
            "is no language that is known; write its code",
        ),
        (
            source('metric = "nps"\nscale = [1, 10]'),
            1,
            "source[1]",
            "NPS is always scale = [0, 10], low = 6, neutral =",
        ),
        (source('metric = "nps"\nlow = 5'), 1, "source[1]", "NPS is always"),
        (source('metric = "nps"\ndirection = "down"'), 1, "source[1]", "NPS is always"),
        (source('metric = "csat"'), 1, "source[1]", "`scale` is missing; add the smallest and the largest score, for"),
        (
            source('metric = "csat"\nscale = [1, 5, 9]'),
            4,
            "source[1].scale",
            "should be two numbers, the smallest and the",
        ),
        (source('metric = "csat"\nscale = [1]'), 4, "source[1].scale", "should be two numbers, the smallest and the"),
        (source('metric = "csat"\nscale = [5, 1]\nlow=2\nneutral=3'), 1, "source[1]", '1, add direction = "down".'),
        (
            source('metric = "csat"\nscale = [1, 6]'),
            1,
            "source[1]",
            "`low` and `neutral` are missing; add the last low",
        ),
        (source('metric = "csat"\nscale = [1, 5]\nlow = 4'), 1, "source[1]", ORDER),
        (source('metric = "csat"\nscale = [1, 5]\nlow = 0'), 1, "source[1]", ORDER),
        (source('metric = "csat"\nscale = [1, 5]\nneutral = 5'), 1, "source[1]", ORDER),
        (
            source('metric = "csat"\nscale = [1, 5]\ndirection = "down"'),
            1,
            "source[1]",
            "`low` and `neutral` are missing",
        ),
        (
            source('metric = "ces"\nscale = [1, 5]\ndirection = "down"\nlow = 2\nneutral = 4'),
            1,
            "source[1]",
            "is not below",
        ),
        (
            source('metric = "nps"') + source('metric = "nps"'),
            5,
            "source[2].name",
            "the same name and form and metric.",
        ),
        (
            source('metric = "nps"').replace("typeform", "Type Form"),
            2,
            "source[1].name",
            "should be small letters, digit",
        ),
        (clock(LIMITS.replace('"1h"', '"1"')), 3, "clock[1].claim", f"{SPAN}, not “1”."),
        (clock(LIMITS.replace('"1h"', "60")), 3, "clock[1].claim", f"{SPAN}, not “60”."),
        (clock(LIMITS.replace('"1h"', '"0m"')), 3, "clock[1].claim", "should be more than nothing and at most 60d"),
        (clock(LIMITS.replace('"3h"', '"61d"')), 5, "clock[1].tell", "should be more than nothing and at most 60d"),
        (clock(LIMITS.replace('"1h"', '"4h"')), 1, "clock[1]", "The limits should grow: `claim`, then `contact`, then"),
        (clock(LIMITS.replace('"3h"', '"50d"')), 5, "clock[1].tell", "takes more than a year in the hours of Billing."),
        (
            clock(LIMITS) + clock(LIMITS),
            7,
            "clock[2].urgency",
            "Another [[clock]] above has the same urgency and department. Change or",
        ),
        (
            clock(LIMITS + '\ndepartment = "suport"'),
            6,
            "clock[1].department",
            "No department has the key “suport”. Did you mean “support”?",
        ),
        (
            clock(LIMITS + '\ndepartment = "billing"') + clock(LIMITS + '\ndepartment = "billing"'),
            8,
            "clock[2].urgency",
            "Another [[clock]] above has the same urgency and department. Change or",
        ),
        (
            clock(LIMITS.replace('"3h"', '"50d"') + '\ndepartment = "billing"'),
            5,
            "clock[1].tell",
            "takes more than a year in the hours of Billing.",
        ),
        ("[escalation]\nwarn_at = 100", 2, "escalation.warn_at", "should be less than or equal to 99"),
        (
            '[escalation]\nlead = "5h"',
            1,
            "escalation",
            "The lead is asked before the managers: `lead` should be at most",
        ),
        ('[escalation]\nreassign = "no"', 2, "escalation.reassign", "should be true or false, without quotes"),
        ('[pings]\nquiet = "late"', 2, "pings.quiet", 'should be hours such as "09:00-12:30"'),
        ("[pings]\na_day = -1", 2, "pings.a_day", "should be greater than or equal to 0"),
        ('[pings]\nbatch_at = "9:00"', 2, "pings.batch_at", 'should be a time of day such as "09:00", with two digits'),
        ("[pings]\nloud = true", 2, "pings.loud", "its keys are quiet, a_day, batch_low, batch_at."),
        ('[calendar]\nopen = ["Saturday"]', 2, "calendar.open[1]", 'should be a day: 2026-12-24 for once, "12-24"'),
        (clock(LIMITS).replace("high", "asap"), 2, "clock[1].urgency", "should be 'low', 'normal', 'high' or 'urgent'"),
        ('[mail]\nfrom = "care"', 2, "mail.from", 'should be a mail address such as "Lumen Desk <care@'),
        ('[mail]\nfrom = "a@b.example\\r\\nBcc: c@d.example"', 2, "mail.from", "should be a mail address"),
        ('[mail]\nreply_to = "A <a@b.example"', 2, "mail.reply_to", "should be a mail address"),
        (
            '[mail]\ndelay = "2d"',
            2,
            "mail.delay",
            'should be a time on the clock such as "90s", "2m" or "1h", not “2d”.',
        ),
        ('[mail]\ndelay = "25h"', 2, "mail.delay", "should be at most 24h: a longer delay is forgotten before it ends"),
        ("[mail.wording.xx]\n", 1, "mail.wording.xx", "is no language that is known; write its code"),
        (
            "mail.wording.de.told_body = '{name}'",
            1,
            "mail.wording.de.told_body",
            "holds {name}, which is no placeholder;",
        ),
        (
            "mail.wording.de.told_subject = 'a{b'",
            1,
            "mail.wording.de.told_subject",
            "holds {, which is no placeholder;",
        ),
        (
            'mail.wording.de.told_subject = "a\\nb"',
            1,
            "mail.wording.de.told_subject",
            "should be on one line, not “a b”.",
        ),
        (
            "mail.wording.de.text = ''",
            1,
            "mail.wording.de.text",
            "its keys are told_subject, told_body, contact_subject",
        ),
        ("mail.wording.de = { told_body = 'x' }", 1, "mail.wording.de.contact_body", "`contact_body` is missing; add"),
        (
            "[mail.wording.pt-BR]\n[mail.wording.pt_br]",
            2,
            "mail.wording.pt_br",
            "pt-BR has wording above already. Keep",
        ),
    ],
)
def test_a_problem_has_its_line_its_key_and_a_next_step(more: str, line: int, key: str, message: str) -> None:
    if more.startswith("mail."):  # dotted keys stand in front of every table
        found = [(one.line, one.key, one.message) for one in problems_of(f"{more}\n{TEAM}{DEPARTMENTS}")]
    else:
        found = problems_with(more)

    said = [words for at, where, words in found if (at, where) == (line, key)]

    assert any(message in words for words in said), found
    assert all(words[-1] in ".?" for _, _, words in found)


@pytest.mark.parametrize(
    ("text", "line", "key", "message"),
    [
        (
            "[team]\nname = 1\nname = 2\n[x]",
            3,
            "name",
            "This key stands twice in the same table. Remove one of the two.",
        ),
        ("[team]\n\n[team]\n", 3, "[team]", "This table stands twice."),
        ("[team]\nname = Acme\n", 2, "name", 'This value can\'t be read. Put texts in quotes: key = "text".'),
        ('[team]\nname = "Acme\nzone = 1', 2, "name", "This text isn't closed on its line"),
        ('[team]\nlanguages = ["en",\n', 2, "languages", "This value can't be read."),
        ("[team]\nname\n", 2, "[team]", "A key must be followed by = and a value."),
        ("[team]\na = 1 b = 2\n", 2, "a", "Something follows the value. Start each key on its own line."),
        ("hello world\n", 1, "", "A key must be followed by = and a value."),
        ("[team\n", 1, "[team", "This is no TOML: Expected ']' at the end of a table declaration."),
        ('a = "C:\\q"', 1, "a", "A backslash needs another one before it"),
        ("a = 1\nb = " + "9" * 5000, 2, "", "A number has too many digits. Write a smaller one."),
        ("a = " + "[" * 100_000, 1, "", "Lists or tables are nested too deeply."),
        ("a = 1\nb = '\ud800'", 2, "", "Half of a character stands here. Save the file as UTF-8."),
        ("a = '\x00'", 1, "a", "A control character stands here. Remove it."),
        ('a = "x\ty\x00"', 1, "a", "This text isn't closed on its line, or holds a control character."),
        ("#" * 1_000_001, 1, "", "The policy is longer than 1,000,000 characters. Shorten its lists."),
        ("", 1, "", "`team` is missing; add [team] with name, timezone and admins."),
    ],
)
def test_what_is_no_toml_is_explained(text: str, line: int, key: str, message: str) -> None:
    found = problems_of(text)

    assert (found[-1].line, found[-1].key) == (line, key)
    assert found[-1].message.startswith(message)


def test_all_problems_are_said_at_once_in_the_order_of_their_lines() -> None:
    text = (TEAM + DEPARTMENTS).replace("Europe/Berlin", "Berlin").replace("C0BILLING", "billing")
    text += rule('urgency = "x"').replace("support", "sales") + clock("claim = 1")

    with pytest.raises(PolicyError) as caught:
        load(text)

    assert [problem.key for problem in caught.value.problems] == [
        "team.timezone",
        "department[2].channel",
        "rule[1].department",
        "rule[1].urgency",
        "clock[1].contact",
        "clock[1].tell",
        "clock[1].claim",
    ]
    assert (
        str(caught.value).splitlines()[0].startswith("line 3, team.timezone: `timezone` is no timezone that is known")
    )


@pytest.mark.parametrize(
    "zone", ["", "berlin", "../etc/passwd", "/etc/localtime", "Europe", "localtime", "posix/UTC", "a\\u0000"]
)
def test_a_timezone_is_one_that_every_machine_knows(zone: str) -> None:
    problems = problems_of((TEAM + DEPARTMENTS).replace("Europe/Berlin", zone))

    assert [problem.key for problem in problems] == ["team.timezone"]
    assert "is no timezone that is known" in problems[0].message


def test_values_are_never_repeated_at_length() -> None:
    problems = problems_of((TEAM + DEPARTMENTS).replace("UNORA", "x" * 100_000))

    assert len(problems[0].message) < 250


def test_a_list_of_nothing_but_faults_is_not_called_empty_too() -> None:
    found = problems_with('[calendar]\ndays = ["someday"]\n')

    assert [(key, message[:30]) for _, key, message in found] == [
        ("calendar.days[1]", "`days[1]` should be a weekday:")
    ]


def test_a_policy_without_departments_is_refused() -> None:
    problems = problems_of(TEAM)

    assert [problem.message for problem in problems] == [
        "`department` is missing; add [[department]] with key, name, channel and lead."
    ]


def test_a_team_without_administrators_is_refused() -> None:
    problems = problems_of((TEAM + DEPARTMENTS).replace('["UNORA"]', "[]"))

    assert [str(problem) for problem in problems] == ["line 5, team.admins: `admins` is empty; add at least one."]
