"""Reference values of what a step is made of: losses, optimizers, schedules and clipping, all in float64."""

import pathlib

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from torch.optim import SGD, Adam, AdamW, Optimizer, RAdam
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    CosineAnnealingLR,
    LinearLR,
    LRScheduler,
    OneCycleLR,
    SequentialLR,
    StepLR,
)

ENTRIES = 64
STEPS = 100
# PyTorch's name of each setting of a onecycle schedule.
ONE_CYCLE = {"pct_start": "pctStart", "div_factor": "divFactor", "final_div_factor": "finalDivFactor"}


def make_losses() -> list[dict]:
    rows = []
    for logit in [-60.0, -3.5, -0.25, 0.0, 1e-3, 0.75, 8.0, 90.0]:
        for label in [0, 1]:
            for pos_weight in [1.0, 0.3, 4.0]:
                x = torch.tensor([logit], dtype=torch.float64, requires_grad=True)
                target = torch.tensor([float(label)], dtype=torch.float64)
                loss = binary_cross_entropy_with_logits(
                    x, target, pos_weight=torch.tensor([pos_weight], dtype=torch.float64)
                )
                rows.append(row([logit], label, pos_weight, loss, x))
    for logits in [[0.0, 0.0, 0.0], [2.0, -1.0, 0.5], [80.0, -80.0, 0.0], [1e-3, 2e-3, 3e-3]]:
        for label in range(3):
            x = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
            rows.append(row(logits, label, 1.0, cross_entropy(x, torch.tensor(label)), x))
    return rows


def row(logits: list[float], label: int, pos_weight: float, loss: Tensor, x: Tensor) -> dict:
    (gradient,) = torch.autograd.grad(loss, x)
    return {
        "logits": logits,
        "label": label,
        "posWeight": pos_weight,
        "loss": loss.item(),
        "gradient": gradient.tolist(),
    }


def optimizers_of(parameter: Tensor) -> dict[str, tuple[dict, Optimizer]]:
    """bagfleet's settings beside PyTorch's optimizer with the same."""
    adam = {"betas": [0.9, 0.999], "epsilon": 1e-8}
    return {
        "adam": ({"name": "adam", "weightDecay": 0.0, **adam}, Adam([parameter], betas=(0.9, 0.999), eps=1e-8)),
        "adamDecay": ({"name": "adam", "weightDecay": 0.1, **adam}, Adam([parameter], eps=1e-8, weight_decay=0.1)),
        "adamBetas": (
            {"name": "adam", "weightDecay": 1e-4, "betas": [0.5, 0.9], "epsilon": 1e-3},
            Adam([parameter], betas=(0.5, 0.9), eps=1e-3, weight_decay=1e-4),
        ),
        "adamw": ({"name": "adamw", "weightDecay": 0.1, **adam}, AdamW([parameter], eps=1e-8, weight_decay=0.1)),
        "sgd": ({"name": "sgd", "weightDecay": 0.0, "momentum": 0.0}, SGD([parameter])),
        "sgdMomentum": (
            {"name": "sgd", "weightDecay": 0.1, "momentum": 0.9},
            SGD([parameter], momentum=0.9, weight_decay=0.1),
        ),
        "sgdNesterov": (
            {"name": "sgd", "weightDecay": 0.1, "momentum": 0.9, "nesterov": True},
            SGD([parameter], momentum=0.9, weight_decay=0.1, nesterov=True),
        ),
        "radam": ({"name": "radam", "weightDecay": 0.0, **adam}, RAdam([parameter], eps=1e-8)),
        "radamDecay": (
            {"name": "radam", "weightDecay": 0.1, "betas": [0.8, 0.95], "epsilon": 1e-3},
            RAdam([parameter], betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1),
        ),
    }


def make_optimizers(folder: pathlib.Path) -> dict:
    """100 steps on one row of random gradients, whose sizes span six powers of ten; rates change from step to step."""
    torch.manual_seed(22)
    start = torch.randn(ENTRIES)
    gradients = torch.randn(STEPS, ENTRIES) * torch.logspace(-5, 1, ENTRIES)
    gradients[:, 7] = 0
    rates = [0.01 * (1 + step % 5) for step in range(STEPS)]
    tensors = {"start": start, "gradients": gradients}
    settings = {}
    for name in optimizers_of(start):
        parameter = torch.nn.Parameter(start.double())
        settings[name], optimizer = optimizers_of(parameter)[name]
        for step in range(STEPS):
            optimizer.param_groups[0]["lr"] = rates[step]
            parameter.grad = gradients[step].double()
            optimizer.step()
            if step in (0, STEPS - 1):
                tensors[f"{name}/parameters/{step + 1}"] = parameter.detach().clone()
                moments = {
                    key: value
                    for key, value in optimizer.state[parameter].items()
                    if key != "step" and value is not None
                }
                tensors |= {f"{name}/{key}/{step + 1}": value.clone() for key, value in moments.items()}
    save_file(tensors, folder / "optimizers.safetensors")
    return {"rates": rates, "settings": settings}


def schedule(optimizer: Optimizer, settings: dict, run: dict) -> LRScheduler:
    steps = run["epochs"] * run["stepsPerEpoch"]
    if settings["name"] == "onecycle":
        shape = {key: settings[field] for key, field in ONE_CYCLE.items()}
        return OneCycleLR(optimizer, 1e-3, total_steps=steps, cycle_momentum=False, **shape)
    warmup = settings["warmupSteps"]
    linear = LinearLR(optimizer, start_factor=1 / (warmup + 1), total_iters=max(1, warmup))
    if settings["name"] == "cosine":
        cosine = CosineAnnealingLR(optimizer, steps - warmup, settings["minRate"])
        return SequentialLR(optimizer, [linear, cosine], [warmup]) if warmup else cosine
    drops = StepLR(optimizer, settings["stepEpochs"] * run["stepsPerEpoch"], settings["gamma"])
    return ChainedScheduler([linear, drops] if settings["name"] == "step" else [linear], optimizer)


def make_schedules() -> list[dict]:
    run = {"epochs": 7, "stepsPerEpoch": 5}
    falling = {"stepEpochs": 2, "gamma": 0.3, "minRate": 1e-5}
    rows = [
        schedule_row({"name": name, "warmupSteps": warmup, **falling}, run)
        for name in ["constant", "cosine", "step"]
        for warmup in [0, 1, 7]
    ]
    cycle = {"name": "onecycle", "divFactor": 25.0, "finalDivFactor": 1e4}
    rows += [schedule_row({**cycle, "pctStart": share}, run) for share in [0.0, 0.3, 0.5, 1.0]]
    rows.append(schedule_row({"name": "onecycle", "pctStart": 0.2, "divFactor": 4.0, "finalDivFactor": 10.0}, run))
    rows.append(schedule_row({**cycle, "pctStart": 0.3}, {"epochs": 20, "stepsPerEpoch": 5}))
    rows.append(schedule_row({**cycle, "pctStart": 0.3}, {"epochs": 1, "stepsPerEpoch": 1}))
    return rows


def schedule_row(settings: dict, run: dict) -> dict:
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=1e-3)
    scheduler = schedule(optimizer, settings, run)
    rates = []
    for _ in range(run["epochs"] * run["stepsPerEpoch"]):
        if rates:  # not after the last step, where OneCycleLR with pct_start 1 divides by zero
            optimizer.step()
            scheduler.step()
        rates.append(optimizer.param_groups[0]["lr"])
    return {"rate": 1e-3, "schedule": settings, "run": run, "rates": rates}


def make_clipping() -> list[dict]:
    rows = []
    for scale in [1e-6, 0.1, 1.0, 40.0]:
        parameter = torch.nn.Parameter(torch.zeros(16, dtype=torch.float64))
        parameter.grad = (torch.arange(16).double() - 5) * scale
        gradient = parameter.grad.tolist()
        norm = torch.nn.utils.clip_grad_norm_(parameter, 1.5)
        rows.append({"limit": 1.5, "gradient": gradient, "norm": norm.item(), "clipped": parameter.grad.tolist()})
    return rows
