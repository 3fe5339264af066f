"""Every annotation of gradlab is checked at each call while the tests run: shapes by jaxtyping, all else by beartype.

jaxtyping's hook decorates every function. It binds each call to the signature and checks each argument twice, so that
the sizes of an answer are those of what was asked; a function that names no shape is left to beartype alone.
"""

from collections.abc import Callable
from functools import partial
from inspect import isclass, isfunction
from typing import Any, get_args

import jaxtyping

_jaxtyped: Callable[..., Any] = jaxtyping.jaxtyped


def check_shapes_where_named() -> None:
    """Put this in place of jaxtyping's decorator; before gradlab is imported, whose modules ask for it by name."""
    jaxtyping.jaxtyped = checked


def checked(function: Any = None, *, typechecker: Callable[[Any], Any]) -> Any:
    """Decorate a function, or a class, whose methods are decorated each by itself."""
    if function is None:
        return partial(checked, typechecker=typechecker)
    if isfunction(function) and not any(map(names_shape, function.__annotations__.values())):
        return typechecker(function)
    return _jaxtyped(function, typechecker=typechecker)


def names_shape(annotation: Any) -> bool:
    """Whether there is a shape in an annotation; what stands there as text only jaxtyping can read."""
    if isinstance(annotation, str) or (isclass(annotation) and issubclass(annotation, jaxtyping.AbstractArray)):
        return True
    return any(names_shape(part) for part in get_args(annotation))
