"""Every annotation of gradlab is checked at each call while the tests run: shapes by jaxtyping, all else by beartype.

jaxtyping's hook decorates every function. By itself it binds each call to the signature and checks each argument
twice, whether or not a shape is named anywhere. Here a function without one is left to beartype alone, and one with
shapes is checked once, within jaxtyping's memory of which letter stands for which size.
"""

from collections.abc import Callable
from functools import partial
from inspect import isclass, isfunction
from typing import Any, get_args

import jaxtyping

_jaxtyped: Callable[..., Any] = jaxtyping.jaxtyped


def check_once() -> None:
    """Put this in place of jaxtyping's decorator; before gradlab is imported, whose modules ask for it by name."""
    jaxtyping.jaxtyped = checked


def checked(function: Any = None, *, typechecker: Callable[[Any], Any]) -> Any:
    """Decorate a function, or a class, whose methods are decorated each by itself."""
    if function is None:
        return partial(checked, typechecker=typechecker)
    if not isfunction(function) or any(isinstance(annotation, str) for annotation in function.__annotations__.values()):
        return _jaxtyped(function, typechecker=typechecker)  # it can read what stands there as text
    found = typechecker(function)
    return _jaxtyped(found, typechecker=None) if any(map(names_shape, function.__annotations__.values())) else found


def names_shape(annotation: Any) -> bool:
    """Whether there is a shape in an annotation."""
    if isclass(annotation) and issubclass(annotation, jaxtyping.AbstractArray):
        return True
    return any(names_shape(part) for part in get_args(annotation))
