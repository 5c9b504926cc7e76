"""Source text of expressions with wrapping numbers, for generated functions."""


def short_way(difference: str, wrap: int | None) -> str:
    """Return the expression of a difference, the short way round if there is a wrap."""
    if wrap is None:
        return difference
    half = wrap // 2
    return f"({difference} + {half}) % {wrap} - {half}"


def wrapped(value: str, wrap: int | None) -> str:
    """Return the expression of a value, brought into ``range(wrap)`` if there is a wrap."""
    return value if wrap is None else f"({value}) % {wrap}"


def nearest(difference: int, wrap: int | None) -> int:
    """Return a difference, the short way round if there is a wrap."""
    return difference if wrap is None else (difference + wrap // 2) % wrap - wrap // 2
