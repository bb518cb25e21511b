"""The language of a comment that came without one: detected among the languages of the policy, where it is plain."""

import asyncio
import ctypes
import gc
import logging
import mmap
import tempfile
import threading
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from workflows.answers import Answer
from workflows.policy import Policy

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped] # it has no types

T = TypeVar("T")
log: Final = logging.getLogger("hearback.language")

# Shorter words ("ok", "Super") are the same in several languages. In bytes: four Japanese letters say enough.
LEAST_BYTES: Final = 12
LEAST_SURE: Final = 0.8


class Languages:
    """Detects languages. The model is read when it is first needed, in a thread, and only what is needed is kept."""

    def __init__(self) -> None:
        """Read nothing yet."""
        self._lock = threading.Lock()
        self._for: tuple[str, ...] = ()
        self._identifier: LanguageIdentifier | None = None

    async def fill_in(self, found: Sequence[T], policy: Policy) -> Sequence[T]:
        """Return what was found, answers with their comments' languages where none came along."""
        if not any(needs_language(one, policy) for one in found):
            return found
        return await asyncio.get_running_loop().run_in_executor(None, self.filled_in, found, policy)

    def filled_in(self, found: Sequence[T], policy: Policy) -> list[T]:
        """Do the same at once: for the command line, and where a thread is at hand."""
        return [self._with_language(one, policy) if needs_language(one, policy) else one for one in found]

    def of(self, comment: str, policy: Policy) -> str | None:
        """Name the language of a comment, as the policy writes it; None where that isn't plain."""
        spoken = {one.partition("-")[0].lower(): one for one in reversed(policy.team.languages)}
        with self._lock:  # whoever comes while it is being read waits for it, and doesn't read it as well
            identifier = _identifier(tuple(sorted(spoken)))
        if identifier is None:
            return None
        language, sureness = identifier.classify(comment)
        return spoken[language] if sureness >= LEAST_SURE else None

    def _with_language(self, one: Any, policy: Policy) -> Any:
        return one._replace(language=self.of(one.comment, policy))


def needs_language(one: object, policy: Policy) -> bool:
    """Tell whether there is something to detect: a comment without a language, and more than one that it may be in."""
    return (
        isinstance(one, Answer)
        and one.language is None
        and len(policy.team.languages) > 1
        and len("".join(filter(str.isalpha, one.comment[:200])).encode("utf-8", "replace")) >= LEAST_BYTES
    )


@lru_cache(maxsize=1)
def _identifier(languages: tuple[str, ...]) -> "LanguageIdentifier | None":
    """Read the model and keep the columns of these languages: 25 MB stay in memory instead of 90.

    None: the model knows less than two of them.
    """
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 -- numpy takes long to import

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = sorted(set(languages) & set(whole.labels))
    if unknown := sorted(set(languages) - set(known)):
        log.info("Comments in %s are not recognised: the model doesn't know the language.", ", ".join(unknown))
    identifier = None
    if len(known) > 1:
        whole.set_languages(known)
        # Its public parts once more, without the columns of all the other languages.
        identifier = LanguageIdentifier(
            whole.nb_ptc.copy(),
            whole.nb_pc.copy(),
            whole.nb_classes,
            _on_disk(whole.tk_nextmove),
            array("i", whole.tk_output),
            norm_probs=True,
            tk_row=whole.tk_row,
        )
    del whole
    gc.collect()
    _give_back()
    return identifier


def _on_disk(table: "array[int]") -> Any:
    """Give a table from a file without a name: its 40 MB are read where they are looked at, and dropped at will."""
    with tempfile.TemporaryFile() as file:
        table.tofile(file)
        file.flush()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return memoryview(mapped).cast("I")


def _give_back() -> None:
    """Let the system have what reading took; where the C library can't, it keeps some."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):
        log.debug("This system's C library gives nothing back.")
