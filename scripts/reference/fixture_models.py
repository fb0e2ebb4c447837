"""Reference values of the models: outputs, attention and gradients of one bag, and the losses of the first steps.

Weights and features are rounded to bfloat16 before anything is computed, so that the small files hold them exactly.
"""

import pathlib
from dataclasses import dataclass

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from models_torch import Abmil, LenetAbmil

Bags = list[tuple[Tensor, int]]
"""Features and class index of each bag."""

WIDTH = 32
TILE = (20, 24, 3)


@dataclass
class Training:
    """A run that starts from `model` as it is."""

    model: nn.Module
    bags: Bags
    batch: int
    steps: int
    rate: float
    weight_decay: float


def prepared(model: nn.Module, gain: float) -> nn.Module:
    """Larger weights than the initial ones, so that attention is far from uniform, and rounded."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((parameter * gain).bfloat16().float())
    return model


def feature_bags(sizes: list[int], classes: int) -> Bags:
    """A fifth of the instances of a bag of class c, at least one, lie off in direction c."""
    bags = []
    for index, size in enumerate(sizes):
        label = index % classes
        features = torch.randn(size, WIDTH)
        features[: max(1, size // 5), label * 4 : label * 4 + 4] += 1.5
        bags.append((features.bfloat16().float(), label))
    return bags


def tile_bags(sizes: list[int]) -> Bags:
    """Smooth random tiles as bytes; those of class 1 have one bright tile."""
    bags = []
    for index, size in enumerate(sizes):
        label = index % 2
        coarse = torch.rand(size, TILE[2], 5, 6)
        coarse[0] += 0.5 * label
        smooth = nn.functional.interpolate(coarse, TILE[:2], mode="bilinear").permute(0, 2, 3, 1)
        bags.append(((smooth * 170).to(torch.uint8), label))
    return bags


def scaled(features: Tensor) -> Tensor:
    return features.float() / 255 if features.dtype == torch.uint8 else features


def loss_of(logits: Tensor, label: int) -> Tensor:
    if len(logits) == 1:
        return binary_cross_entropy_with_logits(logits[0], torch.tensor(float(label)))
    return cross_entropy(logits, torch.tensor(label))


def one_bag(model: nn.Module, bag: tuple[Tensor, int], largest: int) -> tuple[dict, dict[str, Tensor]]:
    """Facts of a forward and backward pass; gradients of more than `largest` entries are told by their norm alone."""
    model.zero_grad()
    logits, attention = model(scaled(bag[0]))
    loss = loss_of(logits, bag[1])
    loss.backward()
    gradients = {name: parameter.grad.clone() for name, parameter in model.named_parameters()}
    facts = {
        "label": bag[1],
        "logits": logits.tolist(),
        "attention": attention.tolist(),
        "loss": loss.item(),
        "gradientNorms": {name: gradient.norm().item() for name, gradient in gradients.items()},
    }
    return facts, {name: gradient for name, gradient in gradients.items() if gradient.numel() <= largest}


def losses_of(run: Training) -> dict:
    """AdamW on mean losses of batches that take the bags in order, round and round; the last of a round may be short."""
    optimizer = torch.optim.AdamW(run.model.parameters(), run.rate, weight_decay=run.weight_decay)
    batches = [list(range(len(run.bags)))[at : at + run.batch] for at in range(0, len(run.bags), run.batch)]
    losses = []
    for step in range(run.steps):
        batch = [run.bags[index] for index in batches[step % len(batches)]]
        loss = torch.stack([loss_of(run.model(scaled(features))[0], label) for features, label in batch]).sum() / len(
            batch
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {
        "rate": run.rate,
        "weightDecay": run.weight_decay,
        "batches": [batches[step % len(batches)] for step in range(run.steps)],
        "labels": [label for _, label in run.bags],
        "losses": losses,
    }


def save(folder: pathlib.Path, name: str, tensors: dict[str, Tensor], bags: Bags) -> None:
    """`bag.N`, and per variant `VARIANT/weight/NAME` and `VARIANT/gradient/NAME`."""
    exact = {
        f"bag.{index}": features if features.dtype == torch.uint8 else features.bfloat16()
        for index, (features, _) in enumerate(bags)
    }
    save_file({key: value.contiguous() for key, value in (exact | tensors).items()}, folder / f"{name}.safetensors")


def keyed(variant: str, kind: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{variant}/{kind}/{name}": tensor.clone() for name, tensor in tensors.items()}


def make_abmil(folder: pathlib.Path) -> dict:
    torch.manual_seed(20)
    bags = feature_bags([7, 3, 24, 1, 40, 12, 18, 5, 33, 9, 2, 27, 16], classes=2)
    variants = {
        "gated": {"hidden": 24, "attention": 12, "gated": True, "outputs": 1},
        "tanh": {"hidden": 24, "attention": 12, "gated": False, "outputs": 1},
        "threeClasses": {"hidden": 24, "attention": 12, "gated": True, "outputs": 3},
    }
    tensors, facts = {}, {}
    for variant, sizes in variants.items():
        model = prepared(Abmil(WIDTH, **sizes), gain=2.5)
        tensors |= keyed(variant, "weight", {name: value.bfloat16() for name, value in model.state_dict().items()})
        facts[variant], gradients = one_bag(model, bags[5], largest=10_000)
        tensors |= keyed(variant, "gradient", gradients)
        facts[variant] |= {"bag": 5, "model": sizes}
        if variant == "gated":
            facts["training"] = losses_of(Training(model, bags, batch=4, steps=20, rate=2e-3, weight_decay=1e-2))
    save(folder, "abmil", tensors, bags)
    return {"instanceShape": [WIDTH], **facts}


def make_lenet_abmil(folder: pathlib.Path) -> dict:
    torch.manual_seed(21)
    bags = tile_bags([3, 4, 1, 2])
    tensors, facts = {}, {}
    for variant, gated in {"gated": True, "tanh": False}.items():
        sizes = {"hidden": 10, "attention": 8, "gated": gated, "outputs": 1}
        model = LenetAbmil(tile=TILE, **sizes)
        if gated:
            shared = {name: value.clone() for name, value in model.state_dict().items() if name.startswith("feature")}
        model.load_state_dict(shared, strict=False)
        model = prepared(model, gain=3)
        weights = {name: value.bfloat16() for name, value in model.state_dict().items() if gated or name not in shared}
        tensors |= keyed(variant, "weight", weights)
        facts[variant], gradients = one_bag(model, bags[1], largest=30_000 if gated else 1_000)
        tensors |= keyed(variant, "gradient", gradients)
        facts[variant] |= {"bag": 1, "model": sizes}
        if gated:
            facts["training"] = losses_of(Training(model, bags, batch=3, steps=10, rate=1e-3, weight_decay=1e-2))
    save(folder, "lenet_abmil", tensors, bags)
    return {"instanceShape": list(TILE), **facts}
