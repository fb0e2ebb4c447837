"""Writes test/fixtures/torch: bags as torch.save writes them, what is in them, and files to be refused.

    sh scripts/reference/setup_venv.sh .venv/torch
    .venv/torch/bin/python scripts/reference/make_torch_fixtures.py

Files that are named in expected.json are bags; the others are to be refused.
"""

import collections
import io
import os
import zipfile

import numpy as np
import torch
from bag_arrays import FIXTURES, bag_arrays, expected_bag, write_expected

FOLDER = FIXTURES / "torch"


class CallsSystem:
    """Unpickled by Python, this runs a command."""

    def __reduce__(self):
        return os.system, ("echo owned",)


class CallsEval:
    def __reduce__(self):
        return eval, ("1 + 1",)


def save(name: str, content, **options) -> None:
    torch.save(content, FOLDER / f"{name}.pt", **options)


def bags(arrays: dict[str, np.ndarray]) -> dict[str, dict]:
    t = {name: torch.from_numpy(array) for name, array in arrays.items()}
    floats, coords, labels, edges = (arrays[name] for name in ("float32", "coords", "labels", "edges"))
    files = {}

    save("bare", t["float32"])
    files["bare"] = expected_bag(floats)
    save("bare_protocol4", t["float32"], pickle_protocol=4)
    files["bare_protocol4"] = expected_bag(floats)
    save("leading_axis", t["float64"][None])
    files["leading_axis"] = expected_bag(arrays["float64"])
    save("half", t["float16"])
    files["half"] = expected_bag(arrays["float16"])
    brain = t["float32"].to(torch.bfloat16)
    save("bfloat16", brain)
    files["bfloat16"] = expected_bag(brain.view(torch.uint16).numpy(), "bfloat16")
    save("tiles", t["tiles"])
    files["tiles"] = expected_bag(arrays["tiles"])
    save("tracked", t["float32"].clone().requires_grad_())
    files["tracked"] = expected_bag(floats)

    save("all", {"features": t["float32"], "coords": t["coords"], "inst_labels": t["labels"] > 0,
                 "edge_index": t["edges"], "slide": "s1", "mpp": 0.25, "level": -1, "steps": 2**40,
                 "tumour": True, "note": None, "sizes": [1, (2, 3)]})
    files["all"] = expected_bag(floats, coords=coords, labels=labels > 0, edges=edges)
    ordered = collections.OrderedDict(feats=t["float16"], coords=t["coords"].to(torch.int32),
                                      labels=t["labels"].to(torch.int16))
    save("ordered", ordered)
    files["ordered"] = expected_bag(arrays["float16"], coords=coords, labels=labels)
    save("wide_integers", {"features": t["float32"], "coords": t["coords"].to(torch.uint32)})
    files["wide_integers"] = expected_bag(floats, coords=coords)
    save("one_in_dict", {"slide_embedding": t["float32"], "encoder": "uni"})
    files["one_in_dict"] = expected_bag(floats)
    save("one_in_list", [t["float32"], "s1"])
    files["one_in_list"] = expected_bag(floats)

    save("transposed", t["float32"].t().contiguous().t())
    files["transposed"] = expected_bag(floats)
    save("part", t["float32"][2:5, 1:4])
    files["part"] = expected_bag(floats[2:5, 1:4])
    save("every_other", t["float64"][1::2, ::2])
    files["every_other"] = expected_bag(arrays["float64"][1::2, ::2])
    save("permuted_tiles", t["tiles"].permute(0, 3, 1, 2).contiguous().permute(0, 2, 3, 1))
    files["permuted_tiles"] = expected_bag(arrays["tiles"])
    together = torch.cat([t["float32"], torch.from_numpy(coords.astype("<f4"))], dim=1)
    save("shared_storage", {"features": together[:, :5], "coords": together[:, 5:]})
    files["shared_storage"] = expected_bag(floats, coords=coords)

    torch.serialization.set_crc32_options(False)
    save("no_checksums", t["float32"])
    torch.serialization.set_crc32_options(True)
    files["no_checksums"] = expected_bag(floats)
    return files


def refused(floats: torch.Tensor) -> None:
    save("legacy", floats, _use_new_zipfile_serialization=False)
    torch.jit.script(torch.nn.Linear(2, 1)).save(FOLDER / "torchscript.pt")
    save("calls_system", CallsSystem())
    save("calls_eval_inside", {"features": floats, "more": [{"deep": (CallsEval(),)}]})
    save("numpy_inside", {"features": floats.numpy()})
    save("weights", torch.nn.Linear(2, 1).state_dict())
    save("parameter", torch.nn.Parameter(floats))
    save("sparse", floats.to_sparse())
    save("complex", floats.to(torch.complex64))
    save("expanded", floats[0, 0].clone().expand(100_000, 1024))
    save("integers", floats.to(torch.int32))
    save("two_in_list", [floats, floats + 1])
    save("number", 3)
    big_endian(floats)


def big_endian(floats: torch.Tensor) -> None:
    """As torch.save writes it on a big-endian machine."""
    original = io.BytesIO()
    torch.save(floats, original)
    with zipfile.ZipFile(original) as little, zipfile.ZipFile(FOLDER / "big_endian.pt", "w") as big:
        for entry in little.infolist():
            content = little.read(entry)
            big.writestr(zipfile.ZipInfo(entry.filename), b"big" if entry.filename.endswith("byteorder") else content)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    arrays = bag_arrays()
    files = bags(arrays)
    refused(torch.from_numpy(arrays["float32"]))
    write_expected(FOLDER, {"torch": torch.__version__, "numpy": np.__version__}, files)


if __name__ == "__main__":
    main()
