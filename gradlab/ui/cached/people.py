"""People's own thresholds: of a class whose answers come in one by one, most have not changed since the last look."""

import numpy as np
import streamlit as st

from gradlab.seeing import thresholds
from gradlab.types import Answers, Estimate


def threshold_alone(answers: Answers, span: tuple[float, float]) -> Estimate:
    """What `gradlab.seeing.thresholds.threshold_alone` returns, kept."""
    number = None if answers.number is None else answers.number.tobytes()
    columns = (answers.intensity.tobytes(), answers.correct.tobytes(), answers.catch.tobytes(), number)
    return _threshold(columns, answers.guess, span)


@st.cache_resource(max_entries=4096, show_spinner=False)
def _threshold(columns: tuple[bytes, bytes, bytes, bytes | None], guess: float, span: tuple[float, float]) -> Estimate:
    intensity = np.frombuffer(columns[0], np.float64)
    correct, catch = (np.frombuffer(column, np.bool_) for column in columns[1:3])
    number = None if columns[3] is None else np.frombuffer(columns[3], np.int64)
    return thresholds.threshold_alone(Answers(intensity, correct, catch, guess, number), span)
