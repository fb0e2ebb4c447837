"""Writes test/fixtures/safetensors: files as the reference implementation writes them, and what is in them.

    python3 -m venv .venv/safetensors && .venv/safetensors/bin/pip install safetensors==0.8.0 numpy==2.4.6
    .venv/safetensors/bin/python scripts/reference/make_safetensors_fixtures.py

With --read FILE it prints what the reference implementation reads from a file, as JSON, instead.
"""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

FOLDER = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "safetensors"


def files() -> dict[str, dict[str, np.ndarray]]:
    rng = np.random.default_rng(11)
    floats = {
        "classifier.weight": rng.normal(size=(1, 5)).astype("<f4"),
        "classifier.bias": np.array([np.float32(-0.0)]),
        "attention.V.weight": rng.normal(size=(3, 5)).astype("<f4"),
        "Attention.U.weight": rng.normal(size=(2, 2, 3, 1)).astype("<f4"),
        "extremes": np.array([0, -0.0, 1e-45, 1.1754944e-38, 3.4028235e38, -3.4028235e38], dtype="<f4"),
    }
    mixed = {
        "scalar": np.array(1.5, dtype="<f4"),
        "empty": np.zeros((0, 4), dtype="<f4"),
        "steps": np.array([1, -2, 2**53 + 1], dtype="<i8"),
        "a": np.array([2**63 - 1], dtype="<i8"),
        "gewicht/größe": np.array([3], dtype="<f4"),
        "重み": np.array([4, 5], dtype="<f4"),
        'quoted "name"': np.array([6], dtype="<f4"),
    }
    return {"floats": floats, "mixed": mixed, "nothing": {}}


def described(array: np.ndarray) -> dict:
    """Values as text: integers exactly, floats as float64, which holds every float32."""
    values = [str(value) if array.dtype.kind == "i" else repr(float(value)) for value in array.ravel()]
    return {"dtype": array.dtype.str, "shape": list(array.shape), "values": values}


def read(path: str) -> dict:
    with safe_open(path, framework="numpy") as file:
        tensors = {name: described(file.get_tensor(name)) for name in file.keys()}
        return {"metadata": file.metadata(), "tensors": tensors}


def main() -> None:
    if sys.argv[1:2] == ["--read"]:
        print(json.dumps(read(sys.argv[2])))
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    expected = {}
    for name, tensors in files().items():
        path = FOLDER / f"{name}.safetensors"
        save_file(tensors, path, metadata={"format": "pt"})
        expected[name] = {key: described(array) for key, array in tensors.items()}
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
