"""The one way in which a command says that it cannot do what was asked."""


class Failure(Exception):  # noqa: N818  (what people read; an error would be ours)
    """One clear line for the person at the keyboard: what is wrong, what to do. Exit code 2."""


def reason_of(error: BaseException) -> str:
    """Return why, without the path: the line that says it has named the file already."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
