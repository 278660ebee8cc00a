"""What the text below a field says of it, read from the source when a schema is made.

pydantic can do so itself, but then whenever a class is made: reading the sources was a sixth of the operator's start.
"""

import ast
import inspect
import sys
from functools import lru_cache
from itertools import pairwise


def descriptions(model: type) -> dict[str, str]:
    """By the fields' names in Python, those of base classes included."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        found |= _of_module(base.__module__).get(base.__qualname__, {})
    return found


@lru_cache(64)
def _of_module(name: str) -> dict[str, dict[str, str]]:
    """By the names of the classes at its top; nothing for a module without a source."""
    try:
        source = inspect.getsource(sys.modules[name])
    except (OSError, TypeError):
        return {}
    return {one.name: _of_class(one) for one in ast.parse(source).body if isinstance(one, ast.ClassDef)}


def _of_class(found: ast.ClassDef) -> dict[str, str]:
    texts = {}
    for field, below in pairwise(found.body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                texts[name] = inspect.cleandoc(text)
    return texts
