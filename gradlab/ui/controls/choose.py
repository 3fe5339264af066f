"""A choice among a few, or of rules; and what was wrong with a link or with what was typed, beside the control."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

import streamlit as st

from gradlab.types import Rule
from gradlab.ui import state, words

Name = TypeVar("Name")


def show_notice(name: str) -> None:
    """Say what was wrong with the choice `name`; once."""
    message = state.notice(name)
    if message:
        st.warning(words.plain(message), icon=":material/link_off:")


def choose(
    title: str,
    key: str,
    titles: Mapping[Name, str],
    help: str | None = None,
    *,
    among: Iterable[Name] | None = None,
    notice: str | None = None,
    on_change: Callable[[], Any] | None = None,
) -> Name:
    """A choice of one among a few, all of them in view.

    Args:
        title: of the control.
        key: of the choice in the session.
        titles: what each is called.
        help: what they mean.
        among: those of them that can be chosen; all, if this is not given.
        notice: the choice whose notice is shown below; the control's own, if this is not given, and none if empty.
        on_change: called before the page runs again.
    """
    offered = list(titles if among is None else among)
    chosen = st.segmented_control(
        title, offered, key=key, required=True, format_func=titles.__getitem__, help=help, on_change=on_change
    )
    show_notice(key if notice is None else notice)
    return cast(Name, chosen)  # never None: it is required


def choose_rules(title: str, key: str, help: str) -> tuple[Rule, ...]:
    """Any of the rules, or none, in their own order."""
    chosen = st.pills(
        title, list(Rule), key=key, selection_mode="multi", format_func=words.RULES.__getitem__, help=help
    )
    show_notice(key)
    return tuple(rule for rule in Rule if rule in chosen)
