"""Answers from files as people really have them."""

import csv
import tracemalloc
from collections.abc import Iterable
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path

import pytest

from bot.surveys.csv_answers import TOGETHER, parts
from bot.surveys.csv_layout import ALIASES, CsvProblem, layout
from workflows.answers import Answer
from workflows.policy import Policy

HEADING = "id,score,metric,comment,email,submitted_at\n"
ROW = "r1,3,nps,Late again,ann@post.example,2027-03-02T14:20:01Z\n"


def file_of(folder: Path, text: str | bytes) -> Path:
    path = folder / "answers.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def answers(path: Path, policy: Policy, *, source: str = "csv") -> list[tuple[int, Answer | str]]:
    """Read a file, row by row: a line, and the answer or the reason why there is none."""
    found = list[tuple[int, Answer | str]]()
    for part in parts(path, policy, source=source):
        found += [*zip(part.lines, part.answers, strict=True), *part.refused]
    return sorted(found, key=itemgetter(0))


def taken(rows: Iterable[tuple[int, Answer | str]]) -> list[Answer]:
    found = [each for _, each in rows]
    assert not [each for each in found if isinstance(each, str)]
    return [each for each in found if isinstance(each, Answer)]


def refused(rows: Iterable[tuple[int, Answer | str]]) -> list[tuple[int, str]]:
    return [(line, each) for line, each in rows if isinstance(each, str)]


def test_every_column_finds_its_field(tmp_path: Path, policy: Policy) -> None:
    cells = {
        "score": "5", "metric": "csat", "comment": "Slow", "email": "Ann@Post.example", "name": "Ann Lee",
        "customer_id": "c1", "account": "Acme", "account_id": "a1", "account_value": "1200.50",
        "account_manager": "Bo@ours.example", "segment": "smb", "language": "en", "touchpoint": "delivery",
        "form": "stars", "submitted_at": "2027-03-02T14:20:01Z", "id": "r1", "source": "generic", "scale_min": "1",
        "scale_max": "10",
    }  # fmt: skip
    assert set(cells) == set(ALIASES)
    path = file_of(tmp_path, ",".join(cells) + "\n" + ",".join(cells.values()) + "\n")

    [found] = taken(answers(path, policy))

    assert found == Answer(
        source="generic", external_id="r1", score=5, scale=found.scale, comment="Slow", form="stars",
        submitted_at=datetime(2027, 3, 2, 14, 20, 1, tzinfo=UTC), touchpoint="delivery", language="en",
        email="ann@post.example", name="Ann Lee", customer_id="c1", account_id="a1", account_name="Acme",
        account_value=1200.5, account_manager="bo@ours.example", segment="smb",
    )  # fmt: skip
    assert (found.scale.metric, found.scale.ends) == ("csat", (1, 10))


def test_headings_are_known_in_any_case_and_by_their_other_names(tmp_path: Path, policy: Policy) -> None:
    path = file_of(tmp_path, "Response ID;RATING;Survey type;E-Mail; Answered at \nr1;7;NPS;a@b.example;2027-03-02\n")

    [found] = taken(answers(path, policy))

    assert (found.external_id, found.score, found.scale.metric, found.email) == ("r1", 7, "nps", "a@b.example")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_sense_of_the_headings(
    delimiter: str, tmp_path: Path, policy: Policy
) -> None:
    path = file_of(tmp_path, (HEADING + ROW).replace(",", delimiter))

    assert layout(path).delimiter == delimiter
    assert len(taken(answers(path, policy))) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_files_are_read_with_and_without_their_mark(encoding: str, tmp_path: Path, policy: Policy) -> None:
    path = file_of(tmp_path, (HEADING + ROW.replace("Late again", "Zażółć 🙁")).encode(encoding))

    [found] = taken(answers(path, policy))

    assert found.comment == "Zażółć 🙁"
    assert not layout(path).notes


def test_a_file_that_is_not_utf_8_is_read_as_latin_1_and_that_is_said(tmp_path: Path, policy: Policy) -> None:
    path = file_of(tmp_path, (HEADING + ROW.replace("Late again", "Zu spät… 5 €")).encode("cp1252"))

    [found] = taken(answers(path, policy))

    assert found.comment == "Zu spät… 5 €"
    assert any("Latin-1" in note for note in layout(path).notes)


def test_a_row_of_several_lines_is_named_by_its_first(tmp_path: Path, policy: Policy) -> None:
    text = HEADING + ROW.replace("Late again", '"one\r\ntwo, ""three"""') + "\n" + ROW.replace("3", "99")
    path = file_of(tmp_path, text)

    found = answers(path, policy)

    assert [line for line, _ in found] == [2, 5]
    assert isinstance(found[0][1], Answer)
    assert found[0][1].comment == 'one\ntwo, "three"'
    assert refused(found) == [(5, "score lies outside its scale of 0 to 10.")]


def test_a_time_without_an_offset_is_the_teams(tmp_path: Path, policy: Policy) -> None:
    path = file_of(tmp_path, HEADING + ROW.replace("2027-03-02T14:20:01Z", "2027-07-01 09:30"))

    [found] = taken(answers(path, policy))

    assert found.submitted_at == datetime(2027, 7, 1, 7, 30, tzinfo=UTC)
    assert found.submitted_at.tzinfo is UTC


@pytest.mark.parametrize("time", ["1803997201", "1803997201000", "2027-03-02T15:20:01+01:00"])
def test_times_are_read_as_tools_write_them(time: str, tmp_path: Path, policy: Policy) -> None:
    path = file_of(tmp_path, HEADING + ROW.replace("2027-03-02T14:20:01Z", time))

    assert taken(answers(path, policy))[0].submitted_at == datetime(2027, 3, 2, 14, 20, 1, tzinfo=UTC)


def test_a_row_without_an_id_is_the_same_response_every_time_and_another_one_when_it_says_something_else(
    tmp_path: Path, policy: Policy
) -> None:
    heading, row = "score,metric,comment,submitted_at\n", "3,nps,Late again,2027-03-02T14:20:01Z\n"
    path = file_of(tmp_path, heading + row + row.replace("again", "twice"))

    first, second = taken(answers(path, policy)), taken(answers(path, policy))

    assert first == second
    assert first[0].external_id != first[1].external_id
    assert any("no id column" in note for note in layout(path).notes)


def test_rows_belong_to_the_source_they_name_else_to_the_one_that_is_given(tmp_path: Path, policy: Policy) -> None:
    text = "source," + HEADING + "Typeform," + ROW + "," + ROW
    path = file_of(tmp_path, text)

    found = taken(answers(path, policy, source="helpdesk"))

    assert [each.source for each in found] == ["typeform", "helpdesk"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",,,,,", "The row is empty."),
        (ROW.replace("3", ""), "score is missing."),
        (ROW.replace("3", "bad"), "score must be a number, not text."),
        (ROW.replace("nps", "smiles"), "metric must be one of nps, csat, ces."),
        (ROW.replace("nps", ""), "Nothing says on which scale"),
        (ROW.replace("2027-03-02T14:20:01Z", ""), "submitted_at is missing."),
        (ROW.replace("2027-03-02T14:20:01Z", "02.03.2027"), "submitted_at must be a time such as"),
        (ROW.replace("2027", "0001"), "submitted_at is not a time between"),
        (ROW.strip() + ",more\n", "The row has 7 columns, the first line names 6"),
        (ROW.replace("Late", '"Late"'), "The row can't be read"),
    ],
)
def test_a_refused_row_says_why_and_the_next_one_is_read(row: str, reason: str, tmp_path: Path, policy: Policy) -> None:
    path = file_of(tmp_path, HEADING + row.strip() + "\n" + ROW)

    found = answers(path, policy)

    [(line, said)] = refused(found)
    assert line == 2
    assert reason in said
    assert isinstance(found[-1][1], Answer)


def test_a_quote_that_is_left_open_is_said_and_not_swallowed(tmp_path: Path, policy: Policy) -> None:
    path = file_of(tmp_path, HEADING + ROW + ROW.replace("Late", '"Late') + ROW)

    found = answers(path, policy)

    assert isinstance(found[0][1], Answer)
    [(line, reason)] = refused(found)
    assert line == 3
    assert "quote" in reason


def test_a_decimal_comma_is_a_decimal_point(tmp_path: Path, policy: Policy) -> None:
    path = file_of(tmp_path, (HEADING + ROW.replace("3,", "6;5,", 1)).replace(",", ";").replace("6;5", "6,5"))

    assert taken(answers(path, policy))[0].score == 6.5


@pytest.mark.parametrize("text", ["name,comment\nx,y\n", "name;rating\n"])
def test_a_missing_column_is_said_with_those_that_are_there(text: str, tmp_path: Path, policy: Policy) -> None:
    path = file_of(tmp_path, text)

    with pytest.raises(CsvProblem, match=r"no column .*submitted_at.*Columns found: “name”"):
        next(parts(path, policy))


def test_what_is_wrong_with_one_row_is_no_other_rows(tmp_path: Path, policy: Policy) -> None:
    """Cells are read column by column: each row keeps its own, whatever stands beside it, and in whichever part."""
    rows, wrong = [], []
    for number in range(2 * TOGETHER + 100):
        line = f"r{number},{number % 11},nps,c{number},p{number}@post.example,2027-03-02T14:20:01Z\n"
        if number % 7 == 0:
            cell = (",nps,", "2027", f"r{number},{number % 11}")[number % 3]
            line = line.replace(cell, {",nps,": ",mood,", "2027": "1027"}.get(cell, f"r{number},12"))
            wrong.append(number + 2)
        rows.append(line)
    path = file_of(tmp_path, HEADING + "".join(rows))

    found = answers(path, policy)

    assert [line for line, _ in refused(found)] == wrong
    assert {reason.split()[0] for _, reason in refused(found)} == {"metric", "submitted_at", "score"}
    for line, one in found:
        if isinstance(one, Answer):
            number = line - 2
            said = (one.external_id, one.score, one.comment, one.email)
            assert said == (f"r{number}", number % 11, f"c{number}", f"p{number}@post.example")


def test_two_columns_of_one_meaning_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CsvProblem, match=r"“E-Mail” and “email” both mean email|“email” and “E-Mail” both mean email"):
        layout(file_of(tmp_path, "score,submitted_at,email,E-Mail\n"))


def test_a_column_that_is_not_used_is_named(tmp_path: Path) -> None:
    assert layout(file_of(tmp_path, "commment," + HEADING)).unused == ("commment",)


def test_an_empty_file_and_no_file_are_said(tmp_path: Path) -> None:
    with pytest.raises(CsvProblem, match="is empty"):
        layout(file_of(tmp_path, "\n\n"))
    with pytest.raises(CsvProblem, match="can't be read"):
        layout(tmp_path / "none.csv")


def test_blank_lines_before_the_headings_do_not_shift_the_lines(tmp_path: Path, policy: Policy) -> None:
    path = file_of(tmp_path, "\n\n" + HEADING + "\n" + ROW)

    assert [line for line, _ in answers(path, policy)] == [5]


def test_a_large_file_is_never_held_in_memory(tmp_path: Path, policy: Policy) -> None:
    path = tmp_path / "large.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "score", "metric", "comment", "submitted_at"])
        rows.writerows([f"r{n}", 3, "nps", f"{n} " + "x" * 500, "2027-03-02T14:20:01Z"] for n in range(10_000))
    tracemalloc.start()

    count = sum(len(part.answers) for part in parts(path, policy))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 10_000
    assert peak < 3_500_000 < path.stat().st_size


def test_of_very_long_rows_few_are_held_in_memory(tmp_path: Path, policy: Policy) -> None:
    path = tmp_path / "long.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "score", "metric", "page", "submitted_at"])
        rows.writerows([f"r{n}", 3, "nps", "x" * 100_000, "2027-03-02T14:20:01Z"] for n in range(300))
    tracemalloc.start()

    counts = [len(part.answers) for part in parts(path, policy)]

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(counts) == 300
    assert peak < 12_000_000 < path.stat().st_size
