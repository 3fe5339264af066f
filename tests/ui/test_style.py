"""Words that we no longer use (docs/style.md) are on no page, in no help, README, document or figure."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from apps import ROOT, open_app
from google.protobuf.json_format import MessageToDict

from gradlab.cli import main
from gradlab.ui import words
from gradlab.ui.words import seeing

BANNED = re.compile(
    r"\bno sign\b|\bwithout sign\b|exact ε|\bclimb|\bdescend|gain of noise|label of the loss|\bleft right\b"
    r"|\bthe gradient (?:itself|as it is)\b|\braw gradient\b|\b8-bit\b|\bof which\b|\bthat is taken for\b",
    re.IGNORECASE,
)
# Where the paper is quoted, and where a table says what we said before.
QUOTED = ('the paper\'s "without sign"',)
PAGES = {
    "explore": {},
    "gallery": {},
    "gallery, one image": {"gallery": "one"},
    "curves": {"rules": "sign,raw", "limit": "100", "view": "classes"},
    "curves, confusion": {"rules": "sign,raw", "limit": "100", "view": "confusion"},
    "curves, rules": {"rules": "sign,raw", "limit": "100", "view": "rules"},
    "curves, measures": {"rules": "sign", "limit": "100", "view": "measures"},
    "landscape": {},
    "compare": {"limit": "100"},
    "compare, transfer": {"limit": "100", "compare": "transfer", "labels": "predicted"},
    "see": {},
    "see, class": {"who": "class"},
    "paper": {},
}
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/README.md", "docs/intervals.md", "assets/README.md")
COMMANDS = ("", "perturb", "sweep", "train", "paper", "models", "datasets", "measures", "answers")
_UNSEEN = {"id", "elementId", "key", "url", "spec", "figure", "mime", "widgetId", "formId", "componentName", "config"}
_SCRIPTS = {"code", "bidiComponent"}  # names of the API; a component is drawn by its own script


def texts(message: Any, inside: str = "") -> Iterator[str]:
    """All strings of an element that may be shown."""
    if isinstance(message, str):
        yield message
    elif isinstance(message, dict):
        for name, value in message.items():
            if name not in _UNSEEN | _SCRIPTS:
                yield from texts(value, name)
    elif isinstance(message, list):
        for one in message:
            yield from texts(one, inside)


def elements(node: Any) -> Iterator[Any]:
    """The messages of a block and of all that is in it."""
    if type(node).__name__ not in ("Code", "CodeBlock") and getattr(node, "proto", None) is not None:
        yield node.proto
    for child in getattr(node, "children", {}).values():
        yield from elements(child)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_says_what_we_no_longer_say(page: str) -> None:
    name = page.partition(",")[0]
    path = None if name == "explore" else f"gradlab/ui/pages/{name}.py"
    app = open_app(path, **PAGES[page])
    shown = [
        text
        for block in (app.main, app.sidebar)
        for proto in elements(block)
        if not type(proto).__name__.startswith("BidiComponent")
        for text in texts(MessageToDict(proto))
    ]
    assert len(shown) > 20, "the page is there"
    assert found_in(shown) == []


@pytest.mark.parametrize(
    "path", ["README.md", "CONTRIBUTING.md", "docs/README.md", "docs/intervals.md", "assets/README.md"]
)
def test_no_document_says_it(path: str) -> None:
    assert found_in([(ROOT / path).read_text(encoding="utf-8")]) == []


@pytest.mark.parametrize(
    "command", ["", "perturb", "sweep", "train", "paper", "models", "datasets", "measures", "answers"]
)
def test_no_help_of_a_command_says_it(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    said = capsys.readouterr().out
    assert "usage" in said
    assert found_in([said]) == []


def test_no_sentence_of_the_help_is_long() -> None:
    """32 words at most: `docs/style.md` asks for 25."""
    long = [
        sentence
        for room in (words, seeing)
        for name, value in vars(room).items()
        if name.isupper() and isinstance(value, str)
        for sentence in re.split(r"(?<=[.?:])\s", value)
        if len(sentence.split()) > 32
    ]
    assert long == []


def test_what_is_banned_is_found() -> None:
    said = ["− descend", "with no sign", "Exact ε", "Left right: 3", "302 images, of which 12"]
    assert len(found_in(said)) == len(said)
    assert found_in(['the paper\'s "without sign"', "Still classified correctly: 3"]) == []


def found_in(said: list[str]) -> list[str]:
    """Each of these texts that has a banned word, around that."""
    found = []
    for whole in said:
        text = whole
        for quoted in QUOTED:
            text = text.replace(quoted, "")
        found += [text[max(0, one.start() - 40) : one.end() + 40] for one in BANNED.finditer(text)]
    return found
