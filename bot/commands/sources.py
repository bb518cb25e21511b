"""`sources try`: what Hearback would make of a saved request; nothing is changed, nothing is sent."""

import json
import sys
from pathlib import Path

from bot.clock import wall_clock
from bot.surveys import ADAPTERS, adapter_of
from bot.surveys.saved import SavedProblem, saved
from bot.surveys.trying import tried


def try_file(source: str, file: Path) -> int:
    """Print one line of JSON on what a saved request holds; 1 when there is no such source or file."""
    adapter = adapter_of(source)
    if adapter is None:
        print(f"Hearback knows no source “{source}”. It knows {', '.join(ADAPTERS)}.", file=sys.stderr)
        return 1
    try:
        given = saved(file.read_text(encoding="utf-8"), adapter.name)
    except OSError as problem:
        print(f"{file} can't be read: {problem.strerror or problem}.", file=sys.stderr)
        return 1
    except UnicodeDecodeError:
        print(f"{file} is not UTF-8. Save it as UTF-8.", file=sys.stderr)
        return 1
    except SavedProblem as problem:
        print(f"{file}: {problem}", file=sys.stderr)
        return 1
    print(json.dumps(tried(adapter, given, at=wall_clock()), ensure_ascii=False))
    return 0
