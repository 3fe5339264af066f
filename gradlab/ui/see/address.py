"""The address by which a class joins: the one in the teacher's own browser, without what is only theirs."""

import ipaddress
from urllib.parse import urlsplit, urlunsplit

import streamlit as st


def join_address(code: str) -> str:
    """Of the study with this code, with the host under which the teacher opened the page."""
    return short_link(st.context.url or "", code)


def short_link(page: str, code: str) -> str:
    """The address by which one joins.

    Args:
        page: the address of any page of the app's *See it?*, whatever follows its `?`.
        code: of the study.
    """
    here = urlsplit(page)
    path = here.path.rstrip("/").removesuffix("/see") + "/see"
    return urlunsplit((here.scheme, here.netloc, path, f"study={code}", ""))


def only_here(address: str) -> bool:
    """Whether an address means the very machine that it is opened on: a phone finds nothing there."""
    host = urlsplit(address).hostname or "localhost"
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
