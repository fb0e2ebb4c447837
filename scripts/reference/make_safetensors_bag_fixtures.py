"""Writes test/fixtures/safetensors-bags: bags as the reference implementation writes them, and what is in them.

    sh scripts/reference/setup_venv.sh .venv/torch
    .venv/torch/bin/python scripts/reference/make_safetensors_bag_fixtures.py

Files that are named in expected.json are bags; the others are to be refused.
"""

import numpy as np
import safetensors
import torch
from bag_arrays import FIXTURES, bag_arrays, expected_bag, write_expected
from safetensors.torch import save_file

FOLDER = FIXTURES / "safetensors-bags"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    arrays = bag_arrays()
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    coords, labels, edges = arrays["coords"], arrays["labels"], arrays["edges"]
    files = {}

    def save(name: str, content: dict[str, torch.Tensor], metadata=None) -> None:
        save_file(content, FOLDER / f"{name}.safetensors", metadata=metadata)

    save("all", {"features": tensors["float32"], "coords": tensors["coords"], "edge_index": tensors["edges"],
                 "inst_labels": tensors["labels"] > 0, "thumbnail": torch.zeros(2, 2, dtype=torch.float8_e4m3fn)},
         {"slide": "s1", "encoder": "uni"})
    files["all"] = expected_bag(arrays["float32"], coords=coords, labels=labels > 0, edges=edges)

    save("half", {"feats": tensors["float16"], "coords": tensors["coords"].to(torch.int32),
                  "labels": tensors["labels"].to(torch.int8)})
    files["half"] = expected_bag(arrays["float16"], coords=coords, labels=labels)

    brain = tensors["float32"].to(torch.bfloat16)
    save("bfloat16", {"embedding_of_slide": brain})
    files["bfloat16"] = expected_bag(brain.view(torch.uint16).numpy(), "bfloat16")

    save("double", {"features": tensors["float64"][None], "coords": tensors["coords"].double()[None]})
    files["double"] = expected_bag(arrays["float64"], coords=coords)

    save("tiles", {"features": tensors["tiles"], "inst_labels": tensors["labels"][:3].to(torch.uint8)})
    files["tiles"] = expected_bag(arrays["tiles"], labels=labels[:3])

    save("float8", {"features": torch.zeros(3, 2, dtype=torch.float8_e4m3fn)})
    save("integers", {"features": tensors["coords"]})
    save("weights", {"layer.weight": tensors["float32"], "layer.bias": torch.zeros(5)})
    versions = {"safetensors": safetensors.__version__, "torch": torch.__version__, "numpy": np.__version__}
    write_expected(FOLDER, versions, files)


if __name__ == "__main__":
    main()
