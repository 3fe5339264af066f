"""Words of the field that explain themselves: under the pointer, with the keyboard's focus, and at a tap."""

import html
import re
import zlib

import streamlit as st

from gradlab.ui.words.glossary import GLOSSARY

_MARKED = re.compile(r"\[\[([^]|]+)(?:\|([^]]+))?\]\]")


def explained(sentence: str) -> None:
    """Draw a sentence in small type; whatever else it says is shown as it stands, and never read as HTML.

    Args:
        sentence: plain text with terms of the glossary as `[[PSNR]]`, or `[[step size ε|step sizes]]` where the
            sentence needs another form.

    Raises:
        KeyError: for a term that is not in the glossary.
    """
    st.html(f'<p class="explained">{_with_terms(sentence)}</p>')


def some_words(*names: str) -> None:
    """A line of terms that stand nearby, in figures and tables, where they cannot explain themselves."""
    with st.container(key=f"words_{zlib.crc32(repr(names).encode()):08x}"):
        explained(f"Some words: {', '.join(f'[[{name}]]' for name in names)}.")


def of_counted(labelled: bool) -> tuple[str, ...]:
    """The terms for what is counted of the images, as `some_words` takes them."""
    return ("accuracy", "clean accuracy") if labelled else ("share that keeps its class", "clean image")


def term(name: str, shown: str = "", place: str = "") -> str:
    """A word with its explanation, as HTML; the style is in `terms.css`.

    Args:
        name: in the glossary.
        shown: how the sentence writes it; the name, unless given.
        place: what tells this place on the page from others, where the same term stands.

    Raises:
        KeyError: for a term that is not in the glossary.
    """
    says = GLOSSARY[name]
    key = f"term-{zlib.crc32(f'{place} {name}'.encode()):08x}"
    return (
        f'<dfn class="term" tabindex="0" aria-describedby="{key}">{html.escape(shown or name)}'
        f'<span role="tooltip" id="{key}">{html.escape(says)}</span></dfn>'
    )


def glossary() -> None:
    """All terms, folded."""
    with st.expander("Words", icon=":material/menu_book:"):
        st.markdown("\n".join(f"- **{name}**: {says}" for name, says in sorted(GLOSSARY.items(), key=_letters)))


def _letters(entry: tuple[str, str]) -> str:
    return entry[0].lower()


def _with_terms(sentence: str) -> str:
    # Between two terms: every third part is text, then come a name and how it is written.
    parts = _MARKED.split(sentence)
    texts, names, forms = parts[::3], parts[1::3], parts[2::3]
    terms = [term(name, form or "", sentence) for name, form in zip(names, forms, strict=True)]
    return "".join(html.escape(text) + made for text, made in zip(texts, [*terms, ""], strict=True))
