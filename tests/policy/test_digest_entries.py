"""What a [[digest]] may say, and what is said about one that can't be."""

from datetime import time, timedelta

import pytest
from small_policy import problems_with, small_policy

DAILY = '[[digest]]\nname = "Daily"\nkind = "department_daily"\n'
WEEKLY = '[[digest]]\nname = "The week"\nkind = "manager_weekly"\n'


def test_what_is_left_out_has_its_default() -> None:
    (one,) = small_policy(DAILY + 'department = "support"\n').digests

    assert (one.days, one.hour, one.timezone, one.empty) == ((0, 1, 2, 3, 4), time(9), None, False)
    assert (one.channel, one.catch_up) == (None, timedelta(hours=6))


@pytest.mark.parametrize(
    ("more", "key", "message"),
    [
        (DAILY, "digest[1]", "is for one department; add its key"),
        (DAILY + 'department = "suport"', "digest[1].department", "Did you mean “support”?"),
        (WEEKLY, "digest[1]", "“The week” has nowhere to go"),
        (WEEKLY.replace("manager_weekly", "my_morning") + 'channel = "#x"', "digest[1]", "leave `channel` and"),
        (WEEKLY + 'channel = "#x"\nhour = "9"', "digest[1].hour", 'such as "09:00"'),
        (WEEKLY + 'channel = "#x"\ncatch_up = "2d"', "digest[1].catch_up", 'such as "30m" or "6h"'),
        (WEEKLY + 'channel = "#x"\ncatch_up = "169h"', "digest[1].catch_up", "at most 168h"),
        (WEEKLY + 'channel = "#x"\ndays = ["mo"]', "digest[1].days[1]", "should be a weekday"),
        (WEEKLY + 'channel = "#x"\nempty = "yes"', "digest[1].empty", "should be true or false"),
        (WEEKLY + f'channel = "#x"\n\n{WEEKLY}channel = "#y"', "digest[2].name", "has the same name"),
        (WEEKLY + 'channel = "#x"\nchanel = "#y"', "digest[1].chanel", "did you mean `channel`?"),
        (DAILY.replace("department_daily", "poem"), "digest[1].kind", "should be"),
        (DAILY.replace('"Daily"', f'"{"x" * 61}"'), "digest[1].name", "60"),
    ],
)
def test_a_digest_that_cannot_be_is_said_with_its_place(more: str, key: str, message: str) -> None:
    found = problems_with(more)

    assert [one[1] for one in found] == [key], found
    assert message in found[0][2]
