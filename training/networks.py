"""The networks that were compared, and the one that was taken: (n, FRAMES, CHANNELS) in."""

import torch
from groundswell.window import CHANNELS, FRAMES
from torch import Tensor, nn

INPUT_SCALE = 1 / 32  # two octaves
INPUT_ZERO = 64  # halfway between what is loud and what is quiet
EARLY, LATE = 24, 24  # frames, 1.5 s: of what the forest gets too (kinds_of_models.py)


def margin(taps: int) -> nn.Module:
    """The zeros that LiteRT's padding SAME puts around an even number of rows, stride 2."""
    return nn.ConstantPad1d(((taps - 2) // 2, (taps - 1) // 2), 0.0)


class Convolutional(nn.Module):
    """Small convolutions over time, each halving it; then the mean over time, then one number."""

    def __init__(self, widths: tuple[int, ...] = (14, 16, 16), taps: int = 5) -> None:
        super().__init__()
        self.stages = []
        before = CHANNELS
        for width in widths:
            convolution = nn.Conv1d(before, width, taps, stride=2)
            self.stages.append((margin(taps), convolution, nn.ReLU()))
            before = width
        self.body = nn.Sequential(*[layer for stage in self.stages for layer in stage])
        rows = FRAMES // 2 ** len(widths)
        self.drop = nn.Dropout(0.3)
        self.last = nn.Linear(before * rows, 1)

    def forward(self, windows: Tensor) -> Tensor:
        x = self.body(windows.transpose(1, 2))
        found: Tensor = self.last(self.drop(x.transpose(1, 2).flatten(1))).squeeze(1)
        return found


class Pooled(nn.Module):
    """Levels now, lately, before and at most, and how far each went up and down; three layers."""

    parts_work = 2394  # multiply-accumulates before `first`, by the operators that a node has

    def __init__(self, width: int = 32, second: int = 16) -> None:
        super().__init__()
        self.first = nn.Linear(5 * CHANNELS, width)
        self.second = nn.Linear(width, second)
        self.drop = nn.Dropout(0.2)
        self.last = nn.Linear(second, 1)

    def parts(self, x: Tensor) -> Tensor:
        late = x[:, -LATE:]
        means = [x[:, -1], x[:, -8:].mean(1), x[:, :EARLY].mean(1)]
        return torch.cat([*means, x.amax(1), late.amax(1) - late.amin(1)], 1)

    def forward(self, windows: Tensor) -> Tensor:
        x = self.drop(torch.relu(self.first(self.parts(windows))))
        x = self.drop(torch.relu(self.second(x)))
        found: Tensor = self.last(x).squeeze(1)
        return found


class Separable(nn.Module):
    """The same with each convolution split: over time by channel, then across channels."""

    def __init__(self, widths: tuple[int, ...] = (24, 32, 32), taps: int = 5) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv1d(CHANNELS, widths[0], 1), nn.ReLU()]
        before = widths[0]
        for width in widths:
            layers += [
                margin(taps),
                nn.Conv1d(before, before, taps, stride=2, groups=before),
                nn.ReLU(),
                nn.Conv1d(before, width, 1),
                nn.ReLU(),
            ]
            before = width
        self.body = nn.Sequential(*layers)
        self.drop = nn.Dropout(0.3)
        self.last = nn.Linear(before * (FRAMES // 2 ** len(widths)), 1)

    def forward(self, windows: Tensor) -> Tensor:
        x = self.body(windows.transpose(1, 2))
        found: Tensor = self.last(self.drop(x.transpose(1, 2).flatten(1))).squeeze(1)
        return found


class Attentive(nn.Module):
    """A transformer encoder over sixteen patches of four frames."""

    def __init__(self, width: int = 24, heads: int = 2) -> None:
        super().__init__()
        self.patch = nn.Conv1d(CHANNELS, width, 4, stride=4)
        self.place = nn.Parameter(torch.zeros(1, FRAMES // 4, width))
        layer = nn.TransformerEncoderLayer(width, heads, 2 * width, 0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.last = nn.Linear(width * FRAMES // 4, 1)

    def forward(self, windows: Tensor) -> Tensor:
        x = self.patch(windows.transpose(1, 2)).transpose(1, 2) + self.place
        found: Tensor = self.last(self.encoder(x).flatten(1)).squeeze(1)
        return found


class Recurrent(nn.Module):
    """A GRU over the frames; its last state says it."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.gru = nn.GRU(CHANNELS, width, batch_first=True)
        self.last = nn.Linear(width, 1)

    def forward(self, windows: Tensor) -> Tensor:
        _, state = self.gru(windows)
        found: Tensor = self.last(state[0]).squeeze(1)
        return found


NETWORKS: dict[str, type[nn.Module]] = {
    "pooled": Pooled,
    "cnn": Convolutional,
    "separable": Separable,
    "transformer": Attentive,
    "gru": Recurrent,
}


def prepared(inputs: Tensor) -> Tensor:
    """int8 windows as what a network gets."""
    return (inputs.float() + INPUT_ZERO) * INPUT_SCALE
