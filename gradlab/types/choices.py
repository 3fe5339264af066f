"""What a person chooses besides the rule: the label source, what is equal, the precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from gradlab.errors import UnknownNameError
from gradlab.types.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True)
class LabelSource:
    """Label source: which label the loss, and so the gradient, is taken for.

    Written `true`, `predicted` or `target:cat`. `true` is the data set's label: the negative direction is then told the
    answer. `predicted` is what the model itself says about the clean image: no answer is given away. A target is one
    class for all images: the negative direction pulls every image towards it.

    Attributes:
        kind: `true`, `predicted` or `target`.
        target: the class's name, for `target` only.
    """

    TRUE: ClassVar[LabelSource]
    PREDICTED: ClassVar[LabelSource]

    kind: Literal["true", "predicted", "target"]
    target: str = ""

    @classmethod
    def parse(cls, text: str | LabelSource) -> LabelSource:
        """Read what `str` of a label source writes.

        Raises:
            UnknownNameError: for anything else.
        """
        if isinstance(text, LabelSource):
            return text
        kind, _, target = text.partition(":")
        if kind == "target" and target:
            return cls("target", target)
        for known in (cls.TRUE, cls.PREDICTED):
            if text == known.kind:
                return known
        raise UnknownNameError("label source", text, ["true", "predicted", "target:<class>"])

    def target_index(self, classes: Sequence[str]) -> int:
        """The place of the target among the classes.

        Raises:
            UnknownNameError: when there is no such class.
        """
        try:
            return list(classes).index(self.target)
        except ValueError:
            raise UnknownNameError("target class", self.target, list(classes)) from None

    def __str__(self) -> str:
        return f"target:{self.target}" if self.kind == "target" else self.kind


@dataclass(frozen=True)
class EqualTo:
    """Equal to: on each image, a step changes it by as much as a step of another rule does, after clipping.

    Written `l2:raw` or `linf:raw`; `l2` alone means that of `raw`. Equal L2 on an image is equal PSNR, too.

    Attributes:
        measure: `l2` or `linf`, what is equal.
        rule: the rule that sets it.
    """

    measure: Literal["l2", "linf"]
    rule: Rule = Rule.RAW

    @classmethod
    def parse(cls, text: str | EqualTo) -> EqualTo:
        """Read what `str` of it writes.

        Raises:
            UnknownNameError: for another measure or rule.
        """
        if isinstance(text, EqualTo):
            return text
        measure, _, rule = text.partition(":")
        known: dict[str, Literal["l2", "linf"]] = {"l2": "l2", "linf": "linf"}
        if measure not in known:
            raise UnknownNameError("measure of equal change", measure, list(known))
        return cls(known[measure], Rule(rule or Rule.RAW))

    def __str__(self) -> str:
        return f"{self.measure}:{self.rule}"


LabelSource.TRUE = LabelSource("true")
LabelSource.PREDICTED = LabelSource("predicted")
