"""The language of a comment: detected among the policy's languages, where it is plain, and nowhere else."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from typing import Final

import pytest

from bot.surveys.language import Languages, _identifier, needs_language
from workflows.answers import Answer
from workflows.policy import Policy, load
from workflows.scales import DEFAULT_SCALES

ANSWER: Final = Answer(
    source="generic",
    external_id="r1",
    score=2,
    scale=DEFAULT_SCALES["nps"],
    submitted_at=datetime(2026, 3, 2, tzinfo=UTC),
)
SAID: Final = {
    "de": "Das Paket kam zwei Tage zu spät, und niemand hat angerufen.",
    "en": "The parcel came two days late, and nobody called me.",
    "fr": "Le colis est arrivé avec deux jours de retard.",
    "pt-BR": "A encomenda chegou dois dias atrasada e ninguém ligou.",
    "ja": "荷物が二日遅れて届きました。",
}


def speaking(*languages: str) -> Policy:
    listed = ", ".join(f'"{one}"' for one in languages)
    return load(
        f'[team]\nname = "T"\ntimezone = "Europe/Berlin"\nlanguages = [{listed}]\nadmins = ["UNORA"]\n'
        '[[department]]\nkey = "s"\nname = "S"\nchannel = "#s"\nlead = "UANA"\n'
    )


@pytest.fixture(scope="module")
def languages() -> Languages:
    """Read the model once for all: that takes a second."""
    return Languages()


@pytest.mark.parametrize("language", SAID)
def test_a_comment_gets_its_language_as_the_policy_writes_it(languages: Languages, language: str) -> None:
    policy = speaking(*SAID)

    [found] = languages.filled_in([ANSWER._replace(comment=SAID[language])], policy)

    assert found.language == language


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER._replace(comment=SAID["de"], language="sv"),  # they say so themselves
        ANSWER._replace(comment="Super"),  # too short to say
        ANSWER._replace(comment="12345 67890 12345 :-( !!!"),
        ANSWER,
    ],
)
def test_where_there_is_nothing_to_detect_the_answer_stays_as_it_is(languages: Languages, answer: Answer) -> None:
    policy = speaking("de", "en")

    assert not needs_language(answer, policy)
    assert languages.filled_in([answer], policy) == [answer]


def test_a_team_of_one_language_needs_no_detection() -> None:
    assert not needs_language(ANSWER._replace(comment=SAID["fr"]), speaking("en"))


def test_what_could_be_either_is_left_open(languages: Languages) -> None:
    assert languages.of("Xxxxxx yyyyyy zzzzzz", speaking("de", "en")) is None


def test_a_language_that_the_model_does_not_know_is_passed_over(languages: Languages) -> None:
    assert languages.of(SAID["de"], speaking("tlh", "de", "en")) == "de"
    assert languages.of(SAID["de"], speaking("tlh", "de")) is None


@pytest.mark.anyio
async def test_the_model_is_read_in_a_thread_and_only_when_it_is_needed() -> None:
    languages, policy = Languages(), speaking("de", "en")
    _identifier.cache_clear()
    assert await languages.fill_in([ANSWER], policy) == [ANSWER]
    assert _identifier.cache_info().misses == 0
    beats = 0

    async def beating() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    heart = asyncio.create_task(beating())
    [found] = await languages.fill_in([ANSWER._replace(comment=SAID["de"])], policy)
    heart.cancel()

    assert isinstance(found, Answer)
    assert found.language == "de"
    assert beats > 5  # the loop went on while a second's work was done


def test_nothing_of_it_is_loaded_at_the_start() -> None:
    said = "import sys, bot.app; print([one for one in sys.modules if one in {'numpy', 'py3langid'}])"

    found = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"
