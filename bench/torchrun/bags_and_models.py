"""The two models of the recovery bench and their random bags.

In: "mnist" or "large", and a bag's number. Out: a module that maps a list of bags to logits [bags]; a bag, which is
a function of its number; its label, 0 or 1.
"""

import pathlib
import sys

import torch
from torch import Tensor, nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "reference"))
from models_torch import Abmil, LenetAbmil  # noqa: E402

BAGS = 200
WIDTH = 1024
HIDDEN = 17_550
"""1024 → 17,550, twice 17,550 → 128, 128 → 1 and 17,550 → 1: 22,499,484 parameters."""


class MnistBags(nn.Module):
    """The instances of all bags go through the embedding together."""

    def __init__(self) -> None:
        super().__init__()
        self.model = LenetAbmil()

    def forward(self, bags: list[Tensor]) -> Tensor:
        embeddings, scores = self.model.embed(torch.cat(bags))
        sizes = [len(bag) for bag in bags]
        pairs = zip(embeddings.split(sizes), scores.split(sizes), strict=True)
        return torch.cat([self.model.pool(embedding, score)[0] for embedding, score in pairs])


class LargeBags(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.model = Abmil(WIDTH, HIDDEN, 128)

    def forward(self, bags: list[Tensor]) -> Tensor:
        return torch.cat([self.model(bag)[0] for bag in bags])


def model_of(name: str) -> nn.Module:
    return MnistBags() if name == "mnist" else LargeBags()


def bag_of(name: str, number: int) -> Tensor:
    """About 10 images [n, 28, 28, 1], or about 200 feature vectors [n, 1024]."""
    random = torch.Generator().manual_seed(number)
    if name == "mnist":
        return torch.randn(6 + number % 9, 28, 28, 1, generator=random)
    return torch.randn(150 + number % 101, WIDTH, generator=random)


def label_of(number: int) -> float:
    return float(number % 2)
