"""The words that explain themselves, and the glossary behind them."""

import re

import pytest

from gradlab.ui.components.terms import _with_terms as with_terms
from gradlab.ui.components.terms import term
from gradlab.ui.words.glossary import GLOSSARY


@pytest.mark.parametrize("name", GLOSSARY)
def test_an_explanation_is_one_or_two_short_sentences(name: str) -> None:
    sentences = re.split(r"(?<=[.?])\s", GLOSSARY[name])
    assert 1 <= len(sentences) <= 2
    assert all(len(sentence.split()) <= 25 for sentence in sentences)
    assert GLOSSARY[name].endswith((".", "?"))


def test_a_sentence_has_its_terms_and_nothing_else_of_html() -> None:
    made = with_terms('A <script> & the [[PSNR]] of "two" [[clean image|clean images]].')
    assert made.startswith("A &lt;script&gt; &amp; the <dfn ")
    assert '>clean images<span role="tooltip"' in made
    assert made.endswith("</dfn>.")
    assert made.count("<dfn ") == made.count('tabindex="0"') == made.count('role="tooltip"') == 2
    told = re.findall(r'aria-describedby="([^"]+)"', made)
    assert told == re.findall(r' id="([^"]+)"', made)
    assert len(set(told)) == 2


def test_the_same_term_in_two_sentences_has_two_names_for_screen_readers() -> None:
    (first,), (second,) = (re.findall(r' id="([^"]+)"', with_terms(f"{text} [[sign]]")) for text in ("One", "Two"))
    assert first != second


def test_a_term_without_an_explanation_is_an_error() -> None:
    with pytest.raises(KeyError, match="epsylon"):
        term("epsylon")
