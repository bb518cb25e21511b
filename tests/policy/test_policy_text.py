"""Every key's line is known, however the document is laid out."""

import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_policy import problems_of

from workflows.policy_text import Path as KeyPath
from workflows.policy_text import lines_of

ROOT = Path(__file__).parents[2]
ODD = '''# [not]
top = 1
[a.b] # c
x = ["1", # ]
  "2",
  { k = "v", n = [1,
2] },
]
text = """
[nope]
y = 1 \\"""
""""
d.e."f g" = 1979-05-27 07:32:00Z
lit = \'\'\'
[[no]] = { \'\'\'
"q\\"]" = -1.5e3
[[r]]
n = 1.5
[[r]]
w = { a = { b = true } }
[r.when]
words = ["a",

"b"]
[[r.sub]]
q = 0x10
[[r.sub]]
[r.sub.deep]
'''


def paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*path, index))


def test_lines_are_found_in_an_odd_document() -> None:
    lines = lines_of(ODD)

    assert {path: lines.get(path) for path in paths(tomllib.loads(ODD)) if path} == {
        ("top",): 2,
        ("a",): None,  # it has no line of its own
        ("a", "b"): 3,
        ("a", "b", "x"): 4,
        ("a", "b", "x", 0): 4,
        ("a", "b", "x", 1): 5,
        ("a", "b", "x", 2): 6,
        ("a", "b", "x", 2, "k"): 6,
        ("a", "b", "x", 2, "n"): 6,
        ("a", "b", "x", 2, "n", 0): 6,
        ("a", "b", "x", 2, "n", 1): 7,
        ("a", "b", "text"): 9,
        ("a", "b", "d"): 13,
        ("a", "b", "d", "e"): 13,
        ("a", "b", "d", "e", "f g"): 13,
        ("a", "b", "lit"): 14,
        ("a", "b", 'q"]'): 16,
        ("r",): 17,
        ("r", 0): 17,
        ("r", 0, "n"): 18,
        ("r", 1): 19,
        ("r", 1, "w"): 20,
        ("r", 1, "w", "a"): 20,
        ("r", 1, "w", "a", "b"): 20,
        ("r", 1, "when"): 21,
        ("r", 1, "when", "words"): 22,
        ("r", 1, "when", "words", 0): 22,
        ("r", 1, "when", "words", 1): 24,
        ("r", 1, "sub"): 25,
        ("r", 1, "sub", 0): 25,
        ("r", 1, "sub", 0, "q"): 26,
        ("r", 1, "sub", 1): 27,
        ("r", 1, "sub", 1, "deep"): 28,
    }


@pytest.mark.parametrize("name", ["docs/policy.example.toml", "bot/sandbox/policy.toml"])
def test_every_key_of_a_real_policy_has_the_line_on_which_it_is_written(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    written, lines = text.split("\n"), lines_of(text)

    keys = [path for path in paths(tomllib.loads(text)) if path and isinstance(path[-1], str) and path in lines]

    assert len(keys) > 80
    assert [path for path in keys if str(path[-1]) not in written[lines[path] - 1]] == []


def test_a_damaged_policy_is_refused_with_lines_that_exist_and_never_by_accident() -> None:
    dice = random.Random(7)
    whole = (ROOT / "docs" / "policy.example.toml").read_text(encoding="utf-8").split("\n")
    scraps = [
        "[",
        "]",
        "[[",
        "{",
        "}",
        '"',
        "'",
        '"""',
        "=",
        "1",
        "\\",
        "é",
        "\x00",
        ",",
        "[team]\n",
        "nan",
        "[[rule]]\n",
    ]
    scraps += [
        "rule = 1\n",
        "when = 3\n",
        "mail = []\n",
        "wording = 1\n",
        "calendar = 1\n",
        "2026-01-01",
        "[mail.wording]\n",
    ]

    for _ in range(300):
        lines = list(whole)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(lines))
            column = dice.randint(0, len(lines[at]))
            lines[at] = lines[at][:column] + dice.choice(scraps) + lines[at][column + dice.randint(0, 3) :]
        text = "\n".join(lines)

        problems = problems_of(text)

        assert all(1 <= problem.line <= text.count("\n") + 1 for problem in problems)
