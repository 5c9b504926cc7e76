"""Expressions of wrapping numbers, as text for generated functions."""


def short_way(difference: str, wrap: int | None) -> str:
    """Return the expression of a difference the short way round; as it is without a wrap."""
    if wrap is None:
        return difference
    half = wrap // 2
    return f"({difference} + {half}) % {wrap} - {half}"


def wrapped(value: str, wrap: int | None) -> str:
    """Return the expression of a value in ``range(wrap)``; as it is without a wrap."""
    return value if wrap is None else f"({value}) % {wrap}"
