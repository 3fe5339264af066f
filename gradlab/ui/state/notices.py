"""What was wrong with a choice, kept until the control that it was meant for says it."""

import streamlit as st


def notice(name: str) -> str | None:
    """What was wrong with a choice; told once."""
    return _kept().pop(name, None)


def put_notice(name: str, message: str) -> None:
    """Keep a message for the control `name`."""
    _kept()[name] = message


def _kept() -> dict[str, str]:
    found: dict[str, str] = st.session_state.setdefault("notices", {})
    return found
