"""One of the two that are compared."""

from typing import NamedTuple

from gradlab.types import Rule
from gradlab.ui import words


class Contender(NamedTuple):
    """A network under a rule.

    Attributes:
        letter: `A` or `B`.
        model: the network's name.
        rule: the direction.
    """

    letter: str
    model: str
    rule: Rule

    def name(self, other: "Contender") -> str:
        """The letter, and what tells it from the other."""
        return f"{self.letter}: {self.model if self.model != other.model else words.RULES[self.rule]}"
