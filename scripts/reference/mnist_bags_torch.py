"""Trains the MNIST-bags model in PyTorch on the very bags that bagfleet trains on, as an independent second opinion.

In: dataset folders (manifest.json and bags/*.npy, uint8 [n, 28, 28, 1]) and the settings of the run.
Out: on stdout one JSON object per folder, with the test AUC of the epoch that is best on the validation bags.

    python mnist_bags_torch.py --folder data/1 data/2 data/3 --epochs 6 --cosine
"""

import argparse
import json
import math
import pathlib
import time

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from models_torch import LenetAbmil

Bag = tuple[Tensor, float]
"""Images [n, 28, 28, 1] and the label, 0 or 1."""


def read_bags(folder: pathlib.Path, mean: float, std: float) -> dict[str, list[Bag]]:
    """Bags per split, in manifest order, scaled to 0 … 1 and then standardised."""
    bags: dict[str, list[Bag]] = {"train": [], "val": [], "test": []}
    for entry in json.loads((folder / "manifest.json").read_text())["bags"]:
        pixels = np.load(folder / entry["key"]).astype(np.float32) / 255
        bags[entry["split"]].append((torch.from_numpy((pixels - mean) / std), float(entry["label"])))
    return bags


def logits_of(model: LenetAbmil, bags: list[Bag]) -> Tensor:
    """One logit per bag; the instances of all bags go through the embedding together."""
    embeddings, scores = model.embed(torch.cat([images for images, _ in bags]))
    sizes = [len(images) for images, _ in bags]
    pairs = zip(embeddings.split(sizes), scores.split(sizes), strict=True)
    return torch.cat([model.pool(embedding, score)[0] for embedding, score in pairs])


def auc_of(model: LenetAbmil, bags: list[Bag]) -> float:
    with torch.no_grad():
        logits = torch.cat([logits_of(model, bags[start : start + 50]) for start in range(0, len(bags), 50)])
    return auc(logits.numpy(), np.array([label for _, label in bags]))


def auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Mann and Whitney's U, scaled: the share of (positive, negative) pairs in the right order, ties half."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    difference = positive[:, None] - negative[None, :]
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())


def train(bags: dict[str, list[Bag]], seed: int, settings: argparse.Namespace) -> dict[str, float]:
    """The epoch with the highest validation AUC counts, the earliest of equals."""
    torch.manual_seed(seed)
    model = LenetAbmil(gated=not settings.tanh)
    optimizer = torch.optim.Adam(
        model.parameters(), settings.rate, betas=(0.9, 0.999), weight_decay=settings.weight_decay
    )
    steps = settings.epochs * math.ceil(len(bags["train"]) / settings.batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps) if settings.cosine else None
    best = {"valAuc": -1.0}
    for epoch in range(1, settings.epochs + 1):
        for batch in batches(bags["train"], settings.batch):
            labels = torch.tensor([label for _, label in batch])
            loss = binary_cross_entropy_with_logits(logits_of(model, batch), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if schedule:
                schedule.step()
        val_auc = auc_of(model, bags["val"])
        if val_auc > best["valAuc"]:
            best = {"auc": auc_of(model, bags["test"]), "valAuc": val_auc, "epoch": epoch}
    return best


def batches(bags: list[Bag], size: int) -> list[list[Bag]]:
    """Each bag once, in a random order; the last batch may be smaller."""
    order = torch.randperm(len(bags)).tolist()
    return [[bags[i] for i in order[start : start + size]] for start in range(0, len(order), size)]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--seed", type=int, nargs="+", help="one per folder; by default 1, 2, 3, ...")
    parser.add_argument("--train-bags", type=int, help="train on the first so many only")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--weight-decay", type=float, default=1e-4)
    parser.add_argument("--cosine", action="store_true", help="let the rate fall to 0 over the run")
    parser.add_argument("--tanh", action="store_true", help="attention without the gate")
    parser.add_argument("--mean", type=float, default=0.1307)
    parser.add_argument("--std", type=float, default=0.3081)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    settings = arguments()
    torch.set_num_threads(settings.threads)
    seeds = settings.seed or range(1, len(settings.folder) + 1)
    for folder, seed in zip(settings.folder, seeds, strict=True):
        began = time.monotonic()
        bags = read_bags(folder, settings.mean, settings.std)
        bags["train"] = bags["train"][: settings.train_bags]
        best = train(bags, seed, settings)
        seconds = round(time.monotonic() - began, 1)
        print(json.dumps({"folder": folder.name, "seed": seed, **best, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
