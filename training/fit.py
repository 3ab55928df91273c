"""Fits one network to examples: seeded, resumable, stopped when held-back groups get no better."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from training.examples import Examples
from training.networks import NETWORKS, prepared
from training.weighing import weights

BATCH = 256
RATE = 3e-3
DECAY = 1e-2
SMOOTHING = 0.02  # of labels: nobody is ever sure
JITTER = 0.06  # of the inputs, standard deviation: an octave is 0.5
AVERAGED = 0.99  # of the running mean of weights a step: it wanders less than the last ones
HELD_BACK = 0.12  # of the groups, for stopping early
PATIENCE = 3  # epochs


@dataclass(frozen=True)
class Settings:
    network: str = "pooled"
    epochs: int = 15
    seed: int = 0
    log_dir: Path | None = None  # TensorBoard
    checkpoint: Path | None = None  # taken up again if it is there
    is_quiet: bool = False


class Sheet(Dataset[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]):
    """Windows, labels and weights, a batch of rows at a time."""

    def __init__(self, examples: Examples) -> None:
        self._inputs = torch.from_numpy(examples.inputs)
        self._labels = torch.from_numpy(examples.is_quake.astype(np.float32))
        self._weights = torch.from_numpy(weights(examples))

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return self._inputs[row], self._labels[row], self._weights[row]

    def __getitems__(
        self, rows: list[int]
    ) -> list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        index = torch.tensor(rows)
        return [(self._inputs[index], self._labels[index], self._weights[index])]


def fit(examples: Examples, settings: Settings) -> nn.Module:
    """Return the network, in its best state by the groups that were held back."""
    torch.manual_seed(settings.seed)
    network = NETWORKS[settings.network]()
    names = sorted(set(examples.group.tolist()))
    np.random.default_rng(settings.seed).shuffle(names)
    back = set(names[: max(1, round(HELD_BACK * len(names)))])
    is_back = np.array([group in back for group in examples.group.tolist()])
    order = torch.Generator().manual_seed(settings.seed)
    batches = DataLoader(
        Sheet(examples.chosen(~is_back)),
        batch_size=BATCH,
        shuffle=True,
        generator=order,
        collate_fn=lambda found: found[0],
    )
    held = Sheet(examples.chosen(is_back))
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, RATE, total_steps=max(1, settings.epochs * len(batches))
    )
    mean = get_ema_multi_avg_fn(AVERAGED)  # type: ignore[no-untyped-call]
    averaged = AveragedModel(network, multi_avg_fn=mean)
    parts = {
        "network": network,
        "averaged": averaged,
        "optimiser": optimiser,
        "schedule": schedule,
    }
    state = _State(averaged.module, parts, order, settings.checkpoint)
    log = SummaryWriter(str(settings.log_dir)) if settings.log_dir else None
    for epoch in range(state.epoch, settings.epochs):
        if state.since_best >= PATIENCE:
            break
        loss = _epoch(network, averaged, batches, optimiser, schedule, settings.is_quiet)
        held_loss = _loss_of(averaged.module, held)
        if log:
            log.add_scalar("loss/training", loss, epoch)
            log.add_scalar("loss/held back", held_loss, epoch)
        state.note(epoch + 1, held_loss)
    if log:
        log.close()
    network.load_state_dict(state.best)
    return network.eval()


def scores(network: nn.Module, inputs: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    """Return log-odds (nats) of each window, as the network says it, not calibrated."""
    with torch.no_grad():
        parts = [
            network(prepared(torch.from_numpy(inputs[at : at + 4096])))
            for at in range(0, len(inputs), 4096)
        ]
    return torch.cat(parts).numpy().astype(np.float64) if parts else np.zeros(0)


class _State:
    """What a run needs to go on after it was interrupted."""

    def __init__(
        self,
        network: nn.Module,
        parts: dict[str, Any],
        order: torch.Generator,
        path: Path | None,
    ) -> None:
        """network: whose best state is kept; parts: all that has a state."""
        self._network = network
        self._parts = parts
        self._order = order
        self._path = path
        self.epoch = 0
        self.least = float("inf")
        self.since_best = 0
        self.best = {key: value.clone() for key, value in network.state_dict().items()}
        if path is not None and path.exists():
            saved = torch.load(path, weights_only=True)
            for name, part in self._parts.items():
                part.load_state_dict(saved[name])
            order.set_state(saved["order"])
            torch.set_rng_state(saved["random"])
            self.epoch, self.least = saved["epoch"], saved["least"]
            self.since_best, self.best = saved["since_best"], saved["best"]

    def note(self, epoch: int, held_loss: float) -> None:
        """Keep what has been reached."""
        self.epoch = epoch
        self.since_best += 1
        if held_loss < self.least:
            self.least, self.since_best = held_loss, 0
            self.best = {key: value.clone() for key, value in self._network.state_dict().items()}
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            saved = {name: part.state_dict() for name, part in self._parts.items()}
            saved |= {"order": self._order.get_state(), "random": torch.get_rng_state()}
            saved |= {"epoch": self.epoch, "least": self.least}
            saved |= {"since_best": self.since_best, "best": self.best}
            torch.save(saved, self._path)


def _epoch(
    network: nn.Module,
    averaged: AveragedModel,
    batches: DataLoader[tuple[torch.Tensor, torch.Tensor, torch.Tensor]],
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    is_quiet: bool,
) -> float:
    network.train()
    total = weight = 0.0
    for inputs, labels, weighs in tqdm(batches, disable=is_quiet, leave=False, unit="batch"):
        x = prepared(inputs)
        x = x + JITTER * torch.randn_like(x)
        loss = _loss(network(x), labels, weighs)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        averaged.update_parameters(network)
        total += float(loss.detach()) * float(weighs.sum())
        weight += float(weighs.sum())
    return total / max(weight, 1e-9)


def _loss_of(network: nn.Module, sheet: Sheet) -> float:
    network.eval()
    if not len(sheet):
        return float("inf")
    inputs, labels, weighs = sheet.__getitems__(list(range(len(sheet))))[0]
    with torch.no_grad():
        return float(_loss(network(prepared(inputs)), labels, weighs))


def _loss(outputs: torch.Tensor, labels: torch.Tensor, weighs: torch.Tensor) -> torch.Tensor:
    soft = labels * (1 - SMOOTHING) + SMOOTHING / 2
    each = nn.functional.binary_cross_entropy_with_logits(outputs, soft, reduction="none")
    return (each * weighs).sum() / weighs.sum()
