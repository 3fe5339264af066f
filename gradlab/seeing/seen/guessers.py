"""Who was found to guess: how many are left out, or what to doubt where they are not."""

from collections.abc import Mapping, Sequence

from gradlab.seeing.psychometrics import BAYES_FACTOR
from gradlab.types import Rule, Seen

GUESSES = f"at least {BAYES_FACTOR:g} times as likely of somebody who guesses as of somebody who sees"


def left_out(seen: Seen) -> str:
    """How many people the answer does not rest on; empty where it rests on all."""
    count = seen.fit.left_out
    if not count:
        return ""
    return f"Left out: {count} of {len(seen.fit.guessing)} people, who seem to guess."


def guessing(found: Sequence[Seen], you: bool, names: Mapping[Rule, str]) -> list[str]:
    """What is to be doubted where those who seem to guess are counted."""
    kept = [seen for seen in found if seen.fit.guessers > seen.fit.left_out]
    several = [seen for seen in kept if len(seen.fit.guessing) > 1]
    alone = ", ".join(names.get(seen.rule, str(seen.rule)) for seen in kept if seen not in several)
    counts = ", ".join(
        f"{names.get(seen.rule, str(seen.rule))}: {seen.fit.guessers} of {len(seen.fit.guessing)}" for seen in several
    )
    told = []
    if alone:
        told.append(
            f"{'Your' if you else 'The'} answers ({alone}), those to catch trials among them, are {GUESSES}: do not "
            "trust the threshold."
        )
    if counts:
        told.append(
            f"People who seem to guess are counted ({counts}): their answers, those to catch trials among them, are "
            f"{GUESSES}."
        )
    return told
