"""Writes what the models of the zoo give, beside torchmil 1.0.2 and the published methods:
`python make_zoo_fixtures.py ../../test/fixtures/reference`.

Each variant is computed for bags of 1, 7 and 300 instances in float64, and in float32 to know how far float32 PyTorch is
from that itself. Weights and features are rounded to bfloat16 before, so that the small files hold them exactly.
"""

import copy
import json
import pathlib
import sys

import numpy as np
import torch
import torchmil.models
from safetensors.torch import save_file
from torchmil.utils.graph_utils import normalize_adj

from zoo_variants import TILE, WIDTH, Bag, Variant, variants

SIZES = [1, 7, 300]
LABELS = [1, 0, 1]
TILE_SIZES = [1, 3, 7]


def rounded(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.bfloat16().float()


def bag_of(size: int, features: torch.Tensor) -> Bag:
    """Instances on a grid with gaps; neighbours touch, by a side or a corner."""
    side = max(2, int(np.ceil(np.sqrt(size * 1.3))))
    places = np.random.permutation(side * side)[:size]
    points = np.stack([places // side, places % side], 1)
    far = np.abs(points[:, None] - points[None]).max(-1)
    edges = np.argwhere(far == 1).T
    adjacency = np.zeros((size, size))
    if edges.shape[1] > 0:
        adjacency[edges[0], edges[1]] = normalize_adj(edges, n_nodes=size)
    return Bag(features, torch.from_numpy(adjacency), torch.from_numpy(edges), np.random.permutation(size))


def compute(variant: Variant, bag: Bag, label: int, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    module = copy.deepcopy(variant.module).to(dtype)
    module.eval()
    cast = Bag(bag.features.to(dtype), bag.adjacency.to(dtype), bag.edges, bag.order)
    logits, attention, instances, objective = variant.run(module, cast)
    loss = objective(label)
    loss.backward()
    results = {"logits": logits, "loss": loss[None] if loss.dim() == 0 else loss}
    if attention is not None:
        results["attention"] = attention
    if instances is not None:
        results["instances"] = instances
    for name, parameter in module.named_parameters():
        gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        results[f"gradient/{name}"] = gradient
    return {key: value.detach().double() for key, value in results.items()}


def main(folder: pathlib.Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(7)
    np.random.seed(7)
    folder.mkdir(parents=True, exist_ok=True)
    vectors = {size: bag_of(size, rounded(torch.randn(size, WIDTH))) for size in SIZES}
    tiles = {size: bag_of(size, rounded(torch.rand(size, *TILE))) for size in TILE_SIZES}
    tensors, facts = {}, []
    for kind, bags in [("vectors", vectors), ("tiles", tiles)]:
        for size, bag in bags.items():
            tensors[f"bag/{kind}/{size}/features"] = bag.features.bfloat16()
            tensors[f"bag/{kind}/{size}/edges"] = bag.edges.to(torch.int32).contiguous()
            tensors[f"bag/{kind}/{size}/order"] = torch.from_numpy(bag.order).to(torch.int32)
    for variant in variants():
        bags = tiles if variant.tiles else vectors
        with torch.no_grad():
            for parameter in variant.module.parameters():
                parameter.copy_(rounded(parameter * variant.gain + variant.noise * torch.randn_like(parameter)))
        for name, value in variant.module.named_parameters():
            tensors[f"{variant.name}/weight/{name}"] = value.detach().bfloat16()
        cases = []
        for (size, bag), label in zip(bags.items(), LABELS):
            if size < variant.smallest or (variant.name == "panda_flat" and size != 3):
                continue
            exact = compute(variant, bag, label, torch.float64)
            single = compute(variant, bag, label, torch.float32)
            errors = {key: (single[key] - value).abs().max().item() for key, value in exact.items()}
            for key, value in exact.items():
                tensors[f"{variant.name}/{size}/{key}"] = value.float().contiguous()
            cases.append({"size": size, "label": label, "float32Errors": errors})
        facts.append({"variant": variant.name, "model": variant.config, "outputs": variant.outputs, "tiles": variant.tiles, "cases": cases})
    save_file(tensors, folder / "zoo.safetensors")
    shapes = {"vectors": [WIDTH], "tiles": list(TILE)}
    values = {"instanceShapes": shapes, "variants": facts}
    document = {"pytorch": torch.__version__, "torchmil": "1.0.2", "values": values}
    (folder / "zoo.json").write_text(json.dumps(document) + "\n")
    print(f"{len(facts)} variants in {folder}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
