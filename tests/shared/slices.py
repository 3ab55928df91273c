"""Work that is done in slices, done at once."""


def result_of(work):
    """Return what a generator returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
