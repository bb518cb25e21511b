"""The pieces of the report: addresses, figures in words, charts, and Slack's writing as HTML."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from bot.web.charts import Bar, Dot, bar_chart, line_chart, share_bar
from bot.web.from_slack import html_of
from bot.web.query import MOST_DAYS, Query, query_of
from bot.web.tiles import duration, percent, score_value
from workflows.entrance import Visitor
from workflows.figures_period import Filters
from workflows.figures_shapes import Score, Share

MANAGER = Visitor("UMAN", "Mia", None)
ANA = Visitor("UANA", "Ana", ("support", "billing"))
BERLIN = ZoneInfo("Europe/Berlin")
HOSTILE = '<script>alert(1)</script>"&'


def svg(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 -- it is ours


def test_an_address_asks_for_the_same_again() -> None:
    filters = Filters(department="support", owner="", touchpoint="a b&c")
    asked = Query(filters, None, date(2026, 2, 28), date(2026, 3, 31))

    address = asked.address("/report", figure="told_rate")
    read = query_of(dict(parse_qsl(address.partition("?")[2])), MANAGER)

    assert read == asked


@pytest.mark.parametrize(
    "params",
    [
        {"days": "0"},
        {"days": "-3"},
        {"days": "1e9"},
        {"days": "\u0663\u0660"},
        {"from": "2026-02-30", "to": "2026-03-01"},
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "1999-01-01", "to": "2026-03-01"},
    ],
)
def test_a_period_that_can_not_be_read_is_the_usual_one(params: dict[str, str]) -> None:
    assert query_of(params, MANAGER) == Query(Filters())


def test_nobody_asks_for_more_days_than_a_page_can_show() -> None:
    assert query_of({"days": "9999"}, MANAGER).days == MOST_DAYS


def test_empty_fields_of_the_form_stand_for_everything() -> None:
    assert query_of({"department": "", "owner": "", "metric": ""}, MANAGER).filters == Filters()


@pytest.mark.parametrize("asked", [{}, {"department": ""}, {"department": "sales"}, {"department": "-"}])
def test_who_belongs_to_a_department_gets_no_other_whatever_they_ask(asked: dict[str, str]) -> None:
    assert query_of(asked, ANA).filters.department == "support"


def test_who_belongs_to_two_departments_chooses() -> None:
    assert query_of({"department": "billing"}, ANA).filters.department == "billing"


def test_a_period_of_dates_is_whole_local_days() -> None:
    period = Query(Filters(), None, date(2026, 3, 28), date(2026, 3, 29)).period(at=datetime.now(UTC), zone=BERLIN)

    assert (period.end.astimezone(UTC) - period.start.astimezone(UTC)) / timedelta(hours=1) == 47
    assert period.days(BERLIN) == (date(2026, 3, 28), date(2026, 3, 29))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "\u2013"), (0, "0 min"), (3599, "1.0 h"), (5400, "1.5 h"), (36_000, "10 h"), (200_000, "2.3 days")],
)
def test_a_time_is_said_in_the_unit_that_matters(seconds: float | None, said: str) -> None:
    assert duration(seconds) == said


def test_a_share_of_nothing_is_no_zero() -> None:
    assert percent(Share(0, 0)) == "\u2013"
    assert percent(Share(0, 3)) == "0 %"


def test_a_score_says_its_margin() -> None:
    assert score_value(Score("nps", 40, 10, 10, 20, 25.0, 13.4)) == "+25 ± 13"
    assert score_value(Score("csat", 0, 0, 0, 0, None, None)) == "\u2013"


def test_a_line_breaks_where_nothing_was_measured() -> None:
    dots = [Dot("1", 10, "a"), Dot("2", 20, "b"), Dot("3", None, ""), Dot("4", 30, "c"), Dot("5", 40, "d")]

    drawn = svg(line_chart(dots, title="Told-rate", low=0, high=100))

    assert len(drawn.findall(".//polyline")) == 2
    assert len(drawn.findall(".//circle")) == 4


def test_a_value_that_stands_alone_shows_its_margin_too() -> None:
    dots = [Dot("1", 10, "a", 5), Dot("2", None, ""), Dot("3", 30, "c", 10), Dot("4", 40, "d", 10)]

    alone, together = svg(line_chart(dots, title="NPS", low=0, high=100)).findall(".//polygon")

    across = {float(point.partition(",")[0]) for point in alone.attrib["points"].split()}
    assert len(alone.attrib["points"].split()) == len(together.attrib["points"].split()) == 4
    assert 0 < max(across) - min(across) < 20


def test_bars_are_as_high_as_their_parts() -> None:
    drawn = svg(bar_chart([Bar("1", (("told", 3), ("open", 1), ("beside", 0)), "four")], title="Low"))
    heights = [float(part.attrib["height"]) for part in drawn.findall(".//rect")]

    assert len(heights) == 2
    assert heights[0] == pytest.approx(3 * heights[1], rel=0.01)


@pytest.mark.parametrize("count", [0, 1, 2, 400])
def test_charts_stand_whatever_there_is_to_draw(count: int) -> None:
    dots = [Dot(str(one), float(one), HOSTILE, 2.0) for one in range(count)]
    bars = [Bar(HOSTILE, (("told", one),), HOSTILE) for one in range(count)]

    for drawn in (line_chart(dots, title=HOSTILE, low=0, high=0), bar_chart(bars, title=HOSTILE)):
        assert "<script" not in drawn
        assert svg(drawn).attrib["role"] == "img"


def test_a_share_never_leaves_its_bar() -> None:
    assert 'width="100.0"' in share_bar(5, 3, words="x")
    assert 'width="0.0"' in share_bar(0, 0, words='"<x>')
    svg(share_bar(0, 0, words='"<x>'))


def test_what_a_thread_says_a_page_says_in_the_same_words() -> None:
    said = "<@U1> told *Jane &amp; Co* at <!date^1794996000^{date_short} {time}|then>: _done_"

    assert html_of(said, names={"U1": "Ana"}, zone=BERLIN) == (
        "Ana told <b>Jane &amp; Co</b> at 18 Nov 2026, 11:00: <i>done</i>"
    )


@pytest.mark.parametrize(
    "hostile", ["<script>x</script>", "&lt;img src=x onerror=y&gt;", "<@U1|<b>>", "<javascript:x|y>"]
)
def test_nothing_that_somebody_wrote_becomes_part_of_the_page(hostile: str) -> None:
    shown = html_of(hostile, names={"U1": "<img>"}, zone=BERLIN)

    assert "<img" not in shown
    assert "<script" not in shown
    assert "<b>" not in shown
