"""Trains the MNIST-bags model in PyTorch on the very bags that bagfleet trains on, as an independent second opinion.

In: dataset folders (manifest.json and bags/*.npy, uint8 [n, 28, 28, 1]) and the settings of the run.
Out: on stdout one JSON object per folder and seed with the test AUC of the epoch that is best on the validation bags.

    python mnist_bags_torch.py --folder DATA --seed 1 2 3 4 5 --epochs 40 --batch 8
"""

import argparse
import json
import math
import pathlib
import time

import numpy as np
import torch
from torch import Tensor, nn
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


def evaluate(model: LenetAbmil, bags: list[Bag]) -> tuple[float, float]:
    """AUC and mean loss."""
    with torch.no_grad():
        logits = torch.cat([logits_of(model, bags[start : start + 50]) for start in range(0, len(bags), 50)])
    labels = torch.tensor([label for _, label in bags])
    return auc(logits.numpy(), labels.numpy()), binary_cross_entropy_with_logits(logits, labels).item()


def auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Mann and Whitney's U, scaled: the share of (positive, negative) pairs in the right order, ties half."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    difference = positive[:, None] - negative[None, :]
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())


def train(bags: dict[str, list[Bag]], seed: int, settings: argparse.Namespace) -> dict[str, float]:
    torch.manual_seed(seed)
    model = LenetAbmil(gated=not settings.tanh)
    optimizer = torch.optim.Adam(model.parameters(), settings.rate, betas=(0.9, 0.999), weight_decay=settings.decay)
    training = bags["train"][: settings.train_bags]
    steps = settings.epochs * math.ceil(len(training) / settings.batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps) if settings.cosine else None
    best, best_epoch, best_loss, weights = -1.0, 0, math.inf, {}
    history = []
    for epoch in range(1, settings.epochs + 1):
        order = torch.randperm(len(training)).tolist()
        for start in range(0, len(order), settings.batch):
            batch = [training[i] for i in order[start : start + settings.batch]]
            loss = binary_cross_entropy_with_logits(logits_of(model, batch), torch.tensor([label for _, label in batch]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if schedule:
                schedule.step()
        score, val_loss = evaluate(model, bags["val"])
        history.append(round(score, 4))
        if (score, -val_loss) > (best, -best_loss) if settings.tie_loss else score > best:
            best, best_loss, best_epoch = score, val_loss, epoch
            weights = {name: value.clone() for name, value in model.state_dict().items()}
    last = evaluate(model, bags["test"])[0]
    model.load_state_dict(weights)
    return {"auc": evaluate(model, bags["test"])[0], "lastAuc": last, "valAuc": best, "bestEpoch": best_epoch, "history": history}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--decay", type=float, default=1e-4)
    parser.add_argument("--cosine", action="store_true")
    parser.add_argument("--tanh", action="store_true")
    parser.add_argument("--tie-loss", action="store_true")
    parser.add_argument("--train-bags", type=int, default=None)
    parser.add_argument("--val-bags", type=int, default=None)
    parser.add_argument("--mean", type=float, default=0.1307)
    parser.add_argument("--std", type=float, default=0.3081)
    parser.add_argument("--threads", type=int, default=1)
    settings = parser.parse_args()
    torch.set_num_threads(settings.threads)
    for folder in settings.folder:
        bags = read_bags(folder, settings.mean, settings.std)
        bags["val"] = bags["val"][: settings.val_bags]
        for seed in settings.seed:
            began = time.monotonic()
            row = train(bags, seed, settings)
            print(json.dumps({"folder": folder.name, "seed": seed, **row, "seconds": round(time.monotonic() - began, 1)}), flush=True)


if __name__ == "__main__":
    main()
