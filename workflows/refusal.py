"""A move that can't be made, in a sentence for the person who tried it."""


class Refusal(Exception):  # noqa: N818 -- the word people use for it; nothing is broken when it is raised
    """Says why not, and what to do next. `field` names the form field that it is about, if there is one."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
