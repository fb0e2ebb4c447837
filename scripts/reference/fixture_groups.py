"""Reference values of whole updates: PyTorch's param_groups, clipping and averaged weights, 100 steps in float64."""

import pathlib
from fnmatch import fnmatchcase

import torch
from safetensors.torch import save_file
from torch.nn import Parameter, ParameterList
from torch.nn.utils import clip_grad_norm_
from torch.optim import SGD, AdamW, Optimizer
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

STEPS = 100
CLIP_NORM = 2.0

# An ABMIL on 3 features, as bagfleet's model `abmil` names and lays out its parameters.
SHAPES = {
    "feat_ext.0.weight": [4, 3],
    "feat_ext.0.bias": [4],
    "pool.fc1.module.weight": [3, 4],
    "pool.fc1.module.bias": [3],
    "pool.fc2.weight": [1, 3],
    "classifier.module.weight": [1, 4],
    "classifier.module.bias": [1],
}

# As a job file has them.
GROUPS = [
    {"match": "*.bias", "rateFactor": 2.0, "weightDecay": 0.0},
    {"match": "feat_ext", "frozen": True},
    {"match": "pool.fc1", "rateFactor": 0.1},
    {"match": "pool.fc?.weight", "rateFactor": 0.0},
]

OPTIMIZERS = {
    "adamw": {"name": "adamw", "weightDecay": 0.1, "betas": [0.9, 0.999], "epsilon": 1e-8},
    "sgd": {"name": "sgd", "weightDecay": 0.1, "momentum": 0.9},
}

EMA_DECAYS = {"adamw": 0.9, "sgd": 0.999}


def group_of(name: str) -> dict:
    for group in GROUPS:
        match = group["match"]
        if fnmatchcase(name, match) or name.startswith(match + "."):
            return group
    return {}


def optimizer_of(settings: dict, parameters: dict[str, Parameter]) -> Optimizer:
    groups = [
        {
            "params": [parameter],
            "weight_decay": group_of(name).get("weightDecay", settings["weightDecay"]),
            "factor": group_of(name).get("rateFactor", 1.0),
        }
        for name, parameter in parameters.items()
        if not group_of(name).get("frozen")
    ]
    if settings["name"] == "sgd":
        return SGD(groups, momentum=settings["momentum"])
    return AdamW(groups, betas=tuple(settings["betas"]), eps=settings["epsilon"])


def make_groups(folder: pathlib.Path) -> dict:
    """Gradients of norms around the limit of clipping; those of frozen parameters are by far the largest."""
    torch.manual_seed(23)
    start = {name: torch.randn(shape) for name, shape in SHAPES.items()}
    gradients = {
        name: torch.randn(STEPS, *shape) * (100 if group_of(name).get("frozen") else 0.4)
        for name, shape in SHAPES.items()
    }
    rates = [0.01 * (1 + step % 5) for step in range(STEPS)]
    tensors = {f"start/{name}": value for name, value in start.items()}
    tensors |= {f"gradient/{name}": value for name, value in gradients.items()}
    norms = {}
    for key, settings in OPTIMIZERS.items():
        parameters = {name: Parameter(value.double()) for name, value in start.items()}
        optimizer = optimizer_of(settings, parameters)
        trained = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        model = ParameterList(parameters.values())
        averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(EMA_DECAYS[key]))
        averaged.update_parameters(model)  # the first one only copies
        norms[key] = []
        for step in range(STEPS):
            for name, parameter in parameters.items():
                parameter.grad = gradients[name][step].double()
            norms[key].append(clip_grad_norm_(trained, CLIP_NORM).item())
            for group in optimizer.param_groups:
                group["lr"] = rates[step] * group["factor"]
            optimizer.step()
            averaged.update_parameters(model)
        tensors |= {f"{key}/parameters/{name}": value.detach() for name, value in parameters.items()}
        tensors |= {f"{key}/ema/{name}": value.detach() for name, value in zip(SHAPES, averaged.module)}
        for name, parameter in parameters.items():
            for moment, value in optimizer.state.get(parameter, {}).items():
                if moment != "step":
                    tensors[f"{key}/{moment}/{name}"] = value
    save_file(tensors, folder / "groups.safetensors")
    return {
        "clipNorm": CLIP_NORM,
        "rates": rates,
        "groups": GROUPS,
        "optimizers": OPTIMIZERS,
        "emaDecays": EMA_DECAYS,
        "norms": norms,
    }
