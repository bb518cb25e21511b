"""README says what is there: the life of a case, every setting, every policy key, and links that lead somewhere."""

import re
from itertools import chain
from pathlib import Path
from typing import Final

import pytest
from pydantic import BaseModel

from bot.cli import main
from bot.settings import Settings
from bot.slack import ids
from bot.surveys.csv_layout import ALIASES
from bot.surveys.verify import SCHEMES
from storage.tables import STATES
from workflows import lifecycle
from workflows.figures_definitions import DEFINITIONS
from workflows.policy_parts import (
    URGENCIES,
    Clock,
    Department,
    Digest,
    Escalation,
    Hours,
    Mail,
    OwnHours,
    Pings,
    Rule,
    Source,
    Storm,
    Team,
    When,
    Wording,
)

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
ENV: Final = (ROOT / ".env.example").read_text(encoding="utf-8")
PAGES: Final = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LARGEST_PICTURE: Final = 150_000

EDGE: Final = re.compile(r"^\s*(\w+) --> (\w+): (\w+(?:, \w+)*)$", re.MULTILINE)
LINK: Final = re.compile(r"\]\((?!https?://|mailto:)([^)#]*)(?:#([^)]+))?\)")
POLICY_TABLES: Final[dict[str, tuple[type[BaseModel], ...]]] = {
    "[team]": (Team,),
    "[calendar]": (Hours,),
    "[[department]]": (Department, OwnHours),
    "[[rule]]": (Rule, When),
    "[[source]]": (Source,),
    "[[clock]]": (Clock,),
    "[escalation]": (Escalation,),
    "[pings]": (Pings,),
    "[storm]": (Storm,),
    "[[digest]]": (Digest,),
    "[mail]": (Mail, Wording),
}


def test_the_diagram_and_the_table_of_moves_are_the_same() -> None:
    diagram = README.split("stateDiagram-v2", 1)[1].split("```", 1)[0]

    drawn = [(before, move, after) for before, after, moves in EDGE.findall(diagram) for move in moves.split(", ")]

    assert len(drawn) == len(set(drawn))
    assert {(before, move): after for before, move, after in drawn} == dict(lifecycle.LIFE)
    assert re.findall(r"\[\*\] --> (\w+)", diagram) == ["new"]
    assert [line for line in diagram.splitlines() if "-->" in line and not re.search(r"\[\*\]|\w: \w", line)] == []


def test_every_state_is_explained() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", _section("The life of a case"), re.MULTILINE)

    assert tuple(explained) == STATES


def test_every_setting_is_in_the_readme_and_in_the_example_and_no_other() -> None:
    by_source = {"webhook_secrets", "api_tokens", "api_urls"}
    settings = {name.upper() for name in Settings.model_fields if name not in by_source} | {"WEBHOOK_SECRET_MAIL"}
    secrets = {f"WEBHOOK_SECRET_{name.upper()}" for name in SCHEMES}

    assert set(re.findall(r"^([A-Z_]+)=", ENV, re.MULTILINE)) == settings | secrets
    rows = re.findall(r"^\| (`[A-Z_`, <>]+`) \|", _section("Settings"), re.MULTILINE)
    named = set(chain.from_iterable(re.findall(r"`([A-Z_<>]+)`", row) for row in rows))
    assert named == settings | {f"{name[:-1].upper()}_<SOURCE>" for name in by_source}


@pytest.mark.parametrize("title", POLICY_TABLES)
def test_every_key_of_the_policy_is_explained_in_its_own_table(title: str) -> None:
    section = _section("The policy").split(f"### {title}\n", 1)[1].split("\n### ", 1)[0]

    keys = {field.alias or name for part in POLICY_TABLES[title] for name, field in part.model_fields.items()}

    rows = re.findall(r"^\| (`.+?`) \|", section, re.MULTILINE)
    named = set(chain.from_iterable(re.findall(r"`([^`]+)`", row) for row in rows))
    assert {key for key in keys if f"`{key}`" not in section and f".{key}." not in section} == set()
    assert named <= keys | {*URGENCIES}


def test_the_tables_of_the_policy_are_all_there_and_no_others() -> None:
    assert re.findall(r"^### (.+)$", _section("The policy"), re.MULTILINE) == list(POLICY_TABLES)


def test_every_figure_is_defined_in_the_readme_as_the_pages_define_it() -> None:
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \|$", _section("Figures"), re.MULTILINE)

    assert rows == [(one.name, one.text) for one in DEFINITIONS.values()]


def test_every_column_name_of_an_import_is_in_the_readme() -> None:
    section = _section("Import a CSV file")

    names = {name for column, aliases in ALIASES.items() for name in (column, *aliases)}

    assert {name for name in names if f"`{name}`" not in section} == set()


def test_every_command_that_the_readme_names_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    named = set(re.findall(r"python -m bot ([a-z]+)", README))

    for command in sorted(named):
        with pytest.raises(SystemExit) as done:
            main([command, "--help"])
        assert done.value.code == 0, command
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = set(re.findall(r"^    ([a-z]+)\b", capsys.readouterr().out, re.MULTILINE))
    assert named <= listed
    assert ids.COMMAND in README


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    for path, anchor in LINK.findall(text):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{path} is not there"
        assert target.is_relative_to(ROOT)
        if anchor:
            assert anchor in _anchors(target), f"{target.name} has no heading #{anchor}"


def test_pictures_are_small_and_every_one_is_shown() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").iterdir())

    assert [one.name for one in pictures if one.stat().st_size > LARGEST_PICTURE] == []
    shown = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [one.name for one in pictures if f"pictures/{one.name})" not in shown] == []


def test_each_decision_has_a_number_of_its_own_and_is_short() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    numbers = [one.name[:4] for one in decisions]

    assert len(set(numbers)) == len(numbers) > 0
    assert [one.name for one in decisions if f"# {int(one.name[:4])}. " not in one.read_text(encoding="utf-8")] == []
    assert [one.name for one in decisions if len(one.read_text(encoding="utf-8").splitlines()) > 40] == []


def _section(title: str) -> str:
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def _anchors(page: Path) -> set[str]:
    """Name the headings as GitHub does: small letters, spaces as hyphens, nothing else but letters and digits."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
