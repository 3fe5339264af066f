"""The answer as a sentence made of the numbers, and what to doubt about it."""

from collections.abc import Mapping, Sequence

from gradlab.seeing.psychometrics import BAYES_FACTOR
from gradlab.seeing.thresholds.network import accuracy_at
from gradlab.seeing.thresholds.parts import beside_text, ends_text, parts_of, psnr_text, share_text
from gradlab.steps.epsilon import PIXEL_LEVELS, format_epsilon
from gradlab.types import Rule, Seen

GUESSES = f"at least {BAYES_FACTOR:g} times as likely from somebody who guesses as from somebody who sees"
FEW = 20  # answers to a rule; fewer leave an interval about as wide as what was asked


def sentence(seen: Seen, you: bool = True, name: str = "") -> str:
    """Where the change is just seen, and how well the network still does there; plain text of one to four sentences.

    First on the images that people were shown, for which alone their threshold holds, then on all that the sweep was
    made on; each share and each PSNR says of which images it is.

    Args:
        seen: as `see` returns it.
        you: whether to address the single person who took the test; otherwise people are spoken of.
        name: how the rule is called; its own name where empty.
    """
    name = name or str(seen.rule)
    tell = {"found": _found, "below": _below, "above": _above, "unknown": _unknown}[seen.fit.threshold.finding]
    return f"{tell(seen, you and seen.fit.people == 1, name)} {left_out(seen)}".rstrip()


def headline(seen: Seen, you: bool = True, name: str = "") -> str:
    """The same in a line, rounded to what people's answers are good for; `sentence` has the rest.

    Args:
        seen: as `see` returns it.
        you: as for `sentence`.
        name: likewise.
    """
    name, you = name or str(seen.rule), you and seen.fit.people == 1
    threshold, finding = seen.fit.threshold, seen.fit.threshold.finding
    if finding == "unknown":
        return sentence(seen, you, name)
    size = {"found": threshold.value, "below": threshold.high, "above": threshold.low}[finding] or 0.0
    end = {"found": None, "below": 1, "above": 0}[finding]
    seen_by = {
        "found": f"{_who(seen, you)} {_see(you)} it from {size_text(size, seen.rule, seen.descend)}",
        "below": f"{_who(seen, you)} {_see(you)} it already below {size_text(size, seen.rule, seen.descend)}",
        "above": f"{_who(seen, you)} cannot reliably see it up to {size_text(size, seen.rule, seen.descend)}",
    }[finding]
    return f"{name[0].upper()}{name[1:]}: {seen_by}. {_there(seen, end)}".rstrip()


def _there(seen: Seen, end: int | None) -> str:
    """What the network does at the threshold, or at an end of its interval: a sentence, where it is known."""
    for part in parts_of(seen):
        there = part.at if end is None else part.ends[end]
        if there is not None:
            share, clean = (f"{value:.0%}".replace("%", " %") for value in (there.share, part.network.clean.share))
            beside = f" (clean {clean})" if part.network.labelled else ""
            return f"There the network {part.network.does} {share} of {part.short}{beside}."
    return ""


def doubts(found: Sequence[Seen], you: bool = True, names: Mapping[Rule, str] | None = None) -> tuple[str, ...]:
    """Reasons to doubt an answer, a sentence each: guesses, attention, and few answers.

    Args:
        found: as `see` returns them.
        you: as for `sentence`.
        names: how rules are called; by their own names where there is none.
    """
    few = [seen for seen in found if 0 < seen.fit.trials < FEW]
    counts = ", ".join(f"{(names or {}).get(seen.rule, str(seen.rule))}: {seen.fit.trials}" for seen in few)
    told = guessing(found, you, names or {}) + _attention(found, you)
    if few:
        told.append(
            f"Few answers ({counts}): expect wide intervals, and thresholds that move with each further answer."
        )
    return tuple(told)


def size_text(size: float, rule: Rule, descend: bool = False) -> str:
    """A fitted size of a step as epsilon, to two digits: all that a person's answers are good for."""
    return _text(size, rule, descend, 2)


def size_range(low: float, high: float, rule: Rule, descend: bool = False) -> str:
    """Two sizes as `2.6 to 4.1/255`."""
    return f"{size_text(low, rule, descend).removesuffix(f'/{PIXEL_LEVELS}')} to {size_text(high, rule, descend)}"


def threshold_text(seen: Seen) -> str:
    """The threshold with its interval, or the bound that is known, as epsilon."""
    threshold = seen.fit.threshold
    if threshold.value is not None:
        return f"{_size(seen, threshold.value)} ({_interval(seen)})"
    if threshold.finding == "below":
        return f"smaller than {_size(seen, threshold.high)}"
    return f"larger than {_size(seen, threshold.low)}" if threshold.finding == "above" else "not known"


def _found(seen: Seen, you: bool, name: str) -> str:
    value = seen.fit.threshold.value or 0.0
    parts = parts_of(seen)
    psnr = psnr_text(parts[0], value) if parts else ""
    where = f"ε = {_size(seen, value)} ({name}; {_interval(seen)}{psnr})"
    told = f"{_subject(seen, you)} just {_see(you)} the noise at {where}."
    if not parts:
        return told
    first, *more = parts
    if first.at is None:
        told += f" That is beyond what was measured of the network on {first.images}."
    else:
        told += f" There the network {first.network.does} {share_text(seen, first, first.at)}. {ends_text(first)}"
    return " ".join([told, *(beside_text(seen, part, part.at, value) for part in more)])


def _below(seen: Seen, you: bool, name: str) -> str:
    return _bounded(seen, you, f"{_see(you)} noise that is smaller than", name, ("upper", "lower", "smaller"))


def _above(seen: Seen, you: bool, name: str) -> str:
    verb = "do" if you else "does"
    return _bounded(seen, you, f"{verb} not reliably see noise up to", name, ("lower", "upper", "larger"))


def _bounded(seen: Seen, you: bool, verb: str, name: str, ends: tuple[str, str, str]) -> str:
    """What is known where one end of the interval is: `ends` names it, the open one, and where the threshold lies."""
    known, open_, side = ends
    size = seen.fit.threshold.high if known == "upper" else seen.fit.threshold.low
    return (
        f"{_subject(seen, you)} {verb} ε = {_size(seen, size)} ({name}: the {known} end of the 95% interval; the "
        f"answers set no {open_} one). {_at_bound(seen, int(known == 'upper'), size, you, side)}"
    ).rstrip()


def _unknown(seen: Seen, you: bool, name: str) -> str:
    if not seen.fit.trials and seen.fit.left_out:
        return f"Nobody who was asked {name} did more than guess: there is no threshold."
    if not seen.fit.trials:
        return f"Nothing was answered for {name} yet."
    return (
        f"From {seen.fit.trials:,} answer{'s' * (seen.fit.trials != 1)} to {name} it cannot be told where "
        f"{_who(seen, you)} just {_see(you)} the noise: they set neither end of the interval."
    )


def _at_bound(seen: Seen, end: int, size: float, you: bool, side: str) -> str:
    """What is known at one end of the interval, the other being open."""
    parts = parts_of(seen)
    if not parts:
        return ""
    first, *more = parts
    there = first.ends[end]
    if there is None:
        told = f"The network was not measured there on {first.images}."
    else:
        told = (
            f"At ε = {_size(seen, size)}{psnr_text(first, size, ' (', ')')} the network {first.network.does} "
            f"{share_text(seen, first, there)}; what it is at {'your' if you else 'the'} threshold, which is {side}, "
            "is not known."
        )
    return " ".join([told, *(beside_text(seen, part, part.ends[end], size) for part in more)])


def _attention(found: Sequence[Seen], you: bool) -> list[str]:
    # Each person's catch trials count for every rule that they answered: the rule of most people knows them all.
    most = max(found, key=lambda seen: (seen.fit.people, seen.fit.catches), default=None)
    if most is None or not most.careless:
        return []
    fit = most.fit
    if fit.people > 1:
        return [
            f"{most.careless} of {fit.people} people missed several of the catch trials, which anybody sees: their "
            "attention is in doubt."
        ]
    return [
        f"{fit.catches - fit.catches_right} of {fit.catches} catch trials, which anybody sees, were missed: "
        f"{'your' if you else 'the'} attention is in doubt, and with it the threshold."
    ]


def _who(seen: Seen, you: bool) -> str:
    if you:
        return "you"
    return f"the median of {seen.fit.people} people" if seen.fit.people > 1 else "this person"


def _subject(seen: Seen, you: bool) -> str:
    who = _who(seen, you)
    return who[0].upper() + who[1:]


def _see(you: bool) -> str:
    return "see" if you else "sees"


def _interval(seen: Seen) -> str:
    return size_range(seen.fit.threshold.low, seen.fit.threshold.high, seen.rule, seen.descend)


def _size(seen: Seen, size: float) -> str:
    """A fitted size; with as many digits as it takes to tell it from those that were measured beside it."""
    near = [accuracy_at(part.network, size) for part in parts_of(seen)]
    known = [pair[0] for there in near if there for pair in there.between or ()]
    beside = [_text(other, seen.rule, seen.descend, 4) for other in known]
    texts = [_text(size, seen.rule, seen.descend, digits) for digits in (2, 3, 4)]
    return next((text for text in texts if text not in beside), texts[-1])


def _text(size: float, rule: Rule, descend: bool, digits: int) -> str:
    levels = rule.unit.row.levels
    short = float(f"{size * levels:.{max(digits, 3) if size * levels >= 100 else digits}g}") / levels
    return format_epsilon(-short if descend else short, rule, signed=descend)


def left_out(seen: Seen) -> str:
    """How many people the answer does not rest on; empty where it rests on all."""
    count = seen.fit.left_out
    if not count:
        return ""
    return f"Left out: {count} of {len(seen.fit.guessing)} people, who seem to guess."


def guessing(found: Sequence[Seen], you: bool, names: Mapping[Rule, str]) -> list[str]:
    """Reasons for doubt where people who seem to guess are counted."""
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
