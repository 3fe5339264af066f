"""Which class of a network each name of a person's classes means: by name, by WordNet id, or by number.

Light: names only.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gradlab.errors import BadValueError

_NAMED = 5  # names in a sentence, at most
_SYNSET = re.compile(r"n\d{8}(?!\d)")

Places = Mapping[str, set[int]]  # of the classes that a way of writing stands for


@dataclass(frozen=True)
class Matching:
    """What a person's names of classes mean to a network.

    Attributes:
        matched: each name that means a class, with the place of that class among the network's.
        unmatched: the names that mean none of them.
        several: those of the unmatched that may mean more than one.
        missing: the network's classes that no name means.
        classes: how many classes the network has.
    """

    matched: tuple[tuple[str, int], ...]
    unmatched: tuple[str, ...]
    several: tuple[str, ...]
    missing: tuple[str, ...]
    classes: int

    @property
    def places(self) -> dict[str, int]:
        """From a name to the place of its class."""
        return dict(self.matched)

    def sentences(self) -> tuple[str, ...]:
        """What a person should know of it: nothing where every name is matched and every class has one."""
        return tuple(filter(None, (self._unmatched(), self._several(), self._missing())))

    def _unmatched(self) -> str:
        if not self.unmatched:
            return ""
        if not self.matched:
            return f"No class name matches the network's, so the labels count as unknown: {listed(self.unmatched)}."
        names = len(self.matched) + len(self.unmatched)
        return (
            f"{len(self.matched):,} of {names:,} class names match the network's. Without a match, and left out: "
            f"{listed(self.unmatched)}."
        )

    def _several(self) -> str:
        if not self.several:
            return ""
        return f"Several of the network's classes fit {listed(self.several)}: use the WordNet id or the class's number."

    def _missing(self) -> str:
        if not (self.matched and self.missing):
            return ""
        return f"{len(self.missing):,} of the network's {self.classes:,} classes have no image: {listed(self.missing)}."


def match_classes(names: Iterable[str], classes: Sequence[str], synsets: Sequence[str] = ()) -> Matching:
    """Match names of classes with those of a network.

    A name means the class that is written as it is; else that of the WordNet id with which it begins (n02123045); else
    the one that differs in case, spaces, underscores and other signs alone; else in plural and singular. A class of
    several names with commas between them goes by each. Where all names are numbers and none of them is a class's
    name, they are the places of the classes, from 0.

    Args:
        names: those of the folders, or of a list; doubles count once.
        classes: those of the network, in the order of its logits.
        synsets: their WordNet ids in the same order; empty where they have none.

    Raises:
        BadValueError: for numbers beyond the last class.
    """
    found = {name: _meant(name, ways) for ways in [_ways(classes, synsets)] for name in dict.fromkeys(names)}
    if found and not any(found.values()) and all(map(_is_number, found)):
        found = {name: {_in_range(int(name), len(classes))} for name in found}
    matched = tuple((name, min(places)) for name, places in found.items() if len(places) == 1)
    used = {place for _, place in matched}
    return Matching(
        matched,
        unmatched=tuple(name for name, places in found.items() if len(places) != 1),
        several=tuple(name for name, places in found.items() if len(places) > 1),
        missing=tuple(name for place, name in enumerate(classes) if place not in used),
        classes=len(classes),
    )


def listed(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def ordered(names: Iterable[str]) -> list[str]:
    """Names of classes in the alphabet's order; numbers by their size."""
    return sorted(set(names), key=lambda name: (0, int(name), name) if _is_number(name) else (1, 0, name))


def _ways(classes: Sequence[str], synsets: Sequence[str]) -> tuple[Places, ...]:
    """The ways to write a class, the strictest first."""
    exact, ids, loose, singular = (defaultdict[str, set[int]](set) for _ in range(4))
    for place, name in enumerate(classes):
        exact[name].add(place)
        for one in {name, *name.split(",")}:
            loose[_plain(one)].add(place)
            for form in _forms(_plain(one)):
                singular[form].add(place)
    for place, synset in enumerate(synsets):
        ids[synset].add(place)
    return exact, ids, loose, singular


def _meant(name: str, ways: tuple[Places, ...]) -> set[int]:
    """The places of all classes that a name may mean, by the strictest way that finds any."""
    exact, ids, loose, singular = ways
    synset, plain = _SYNSET.match(name), _plain(name)
    by_forms = set[int]().union(*(singular.get(form, ()) for form in _forms(plain)))
    by_synset = ids.get(synset[0], set()) if synset else set()
    tried = exact.get(name), by_synset, loose.get(plain) if plain else None, by_forms
    return set(next(filter(None, tried), ()))


def _plain(name: str) -> str:
    """Without case, spaces and signs."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def _forms(plain: str) -> set[str]:
    """What may be the singular of a word, and the word."""
    ends = {"s": ("",), "es": ("",), "ies": ("y",), "ves": ("f", "fe"), "men": ("man",)}
    found = {plain.removesuffix(end) + new for end, news in ends.items() if plain.endswith(end) for new in news}
    return {form for form in {plain, *found} if form}


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdecimal() and len(name) < 10


def _in_range(number: int, classes: int) -> int:
    if number >= classes:
        hint = ": do yours begin at 1?" if number == classes else ""
        raise BadValueError(f"expected class numbers from 0 to {classes - 1}, got {number}{hint}")
    return number
