"""What all layers of a model have in common."""

from array import array


class Layer:
    """One step: reads the arrays `sources`, writes `target`. `run` allocates nothing."""

    def __init__(self) -> None:
        self.sources: list[array[int]] = []
        self.target: array[int] = array("B", ())

    def run(self) -> None:
        raise NotImplementedError
