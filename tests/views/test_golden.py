"""Every view in every state is exactly what it was: HEARBACK_GOLDEN=write keeps what is drawn now."""

import json
import os
from pathlib import Path

import pytest
from view_gallery import GALLERY, Drawn
from view_words import CALM, HOSTILE, Words

from bot.slack.views.message import Message

GOLDEN = Path(__file__).parent / "golden"


def written(drawn: Drawn) -> str:
    said = {"text": drawn.text, "blocks": drawn.blocks} if isinstance(drawn, Message) else drawn
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("name", GALLERY)
@pytest.mark.parametrize(("kind", "words"), [("calm", CALM), ("hostile", HOSTILE)])
def test_a_view_is_drawn_as_in_its_golden_file(name: str, kind: str, words: Words) -> None:
    path = GOLDEN / (f"{name}.json" if kind == "calm" else f"{name}.hostile.json")

    drawn = written(GALLERY[name](words))

    if os.environ.get("HEARBACK_GOLDEN") == "write":
        path.write_text(drawn)
    assert path.exists(), f"There is no {path.name} yet: run with HEARBACK_GOLDEN=write, and look at what it wrote."
    assert drawn == path.read_text()


def test_there_is_no_golden_file_without_its_view() -> None:
    kept = {path.name.removesuffix(".json").removesuffix(".hostile") for path in GOLDEN.glob("*.json")}

    assert kept == set(GALLERY)
