"""This session's own pictures, as the choice of a data set and its link see them.

Without any, the data set is called `OWN`, and pages ask for pictures. With some, it has the key of the image set for
the networks that are looked at; a key that these pictures had earlier stands for what they are now.
"""

from dataclasses import dataclass, field

import streamlit as st

from gradlab.errors import BadValueError
from gradlab.images.own import OwnPictures, is_own
from gradlab.images.registry import PHOTOS, image_set

OWN = "own"
BEGIN = PHOTOS  # the data set whose networks look at them first
ELSEWHERE = "expected pictures of this session, got some that another one has brought, which nobody else can see"


def put_own(own: OwnPictures) -> None:
    """Remember them; a session without any has none to remember."""
    st.session_state["own"] = own


def own_pictures() -> OwnPictures | None:
    """Those of this session."""
    found: OwnPictures | None = st.session_state.get("own")
    return found


def is_yours(dataset: str) -> bool:
    """Whether a data set is this session's own pictures, of which there may be none yet."""
    own = own_pictures()
    return dataset == OWN or bool(own and own.held(dataset))


def own_dataset() -> str:
    """The data set that own pictures are: for the networks that are looked at, or else for those of `BEGIN`."""
    own, chosen = own_pictures(), str(st.session_state.get("dataset"))
    if own is None or not own.pictures:
        return OWN
    return own.now(chosen) or own.key_of(BEGIN)


@dataclass
class Pictures:
    """What came of a visitor's upload of pictures, until a run of the page has taken it in.

    Written down at once, as `state.Arrival` is: Streamlit may end a run wherever it touches the session.

    Attributes:
        turn: the place of the picture that the page is to show when it runs next.
        cut: that of the one whose square is to be chosen first.
        troubles: a line for each file that is no picture, or one too many.
        taken: how many uploads were taken so far.
    """

    turn: int | None = None
    cut: int | None = None
    troubles: list[str] = field(default_factory=list)
    taken: int = 0


def arrived_pictures() -> Pictures:
    """This session's."""
    found: Pictures = st.session_state.setdefault("arrived_pictures", Pictures())
    return found


def turn_to_own(place: int) -> None:
    """Let the page show own pictures when it runs next, that at a place first."""
    arrived_pictures().turn = place


def read_dataset(text: str) -> str:
    """The data set that a link names.

    Raises:
        BadValueError: for pictures of another session.
        UnknownNameError: for what there is not.
    """
    if text == OWN:
        return OWN
    if not is_own(text):
        return image_set(text).key
    own = own_pictures()
    if own is None or not own.held(text):
        raise BadValueError(ELSEWHERE)
    return own.now(text) or OWN


def up_to_date() -> None:
    """At the top of a run: the keys of this session's own pictures are those that they have now."""
    own, here = own_pictures(), arrived_pictures()
    if own is None or (here.turn is None and not is_yours(str(st.session_state.get("dataset")))):
        return
    st.session_state["dataset"] = own_dataset()
    if here.turn is not None:
        st.session_state["image"] = here.turn
    place = st.session_state.get("image")
    if place is not None and place >= len(own.pictures):
        st.session_state["image"] = len(own.pictures) - 1 if own.pictures else None
    here.turn = None  # last: a run that was ended before leaves it to the next
