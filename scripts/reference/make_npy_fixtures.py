"""Writes test/fixtures/npy: small .npy files as NumPy itself writes them, and what is in them.

    python3 -m venv .venv/numpy && .venv/numpy/bin/pip install numpy==2.3.5
    .venv/numpy/bin/python scripts/reference/make_npy_fixtures.py

expected.json holds shape, dtype and the values as float32 (exact in JSON as float64; uint8 as it is stored).
"""

import hashlib
import json
import struct
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "npy"


def half_values() -> np.ndarray:
    """Zeros, subnormals, the largest and smallest normal halves, both signs: [4, 4]."""
    bits = [0x0000, 0x8000, 0x0001, 0x8001, 0x03FF, 0x0400, 0x7BFF, 0xFBFF,
            0x3C00, 0xBC00, 0x3555, 0x4248, 0x1000, 0x5640, 0x2E66, 0xC500]
    return np.array(bits, dtype="<u2").view("<f2").reshape(4, 4)


def arrays() -> dict[str, tuple[np.ndarray, tuple[int, int]]]:
    rng = np.random.default_rng(7)
    floats = rng.normal(size=(5, 3))
    return {
        "f4_v1": (floats.astype("<f4"), (1, 0)),
        "f4_v2": (floats.astype("<f4"), (2, 0)),
        "f4_v3": (floats.astype("<f4"), (3, 0)),
        "f8": (floats.astype("<f8"), (1, 0)),
        "f2": (half_values(), (1, 0)),
        "u1_tiles": (rng.integers(0, 256, size=(2, 3, 3, 1), dtype=np.uint8), (1, 0)),
        "one_axis": (np.arange(3, dtype="<f4"), (1, 0)),
        "scalar": (np.float32(1.5).reshape(()), (1, 0)),
        "no_instances": (np.zeros((0, 3), dtype="<f4"), (1, 0)),
        "fortran": (np.asfortranarray(floats.astype("<f4")), (1, 0)),
        "big_endian": (floats.astype(">f4"), (1, 0)),
        "int64": (np.arange(6, dtype="<i8").reshape(2, 3), (1, 0)),
        "bool": (np.ones((2, 3), dtype=bool), (1, 0)),
        "records": (np.zeros((2,), dtype=[("x", "<f4"), ("y", "<f4", (2,))]), (1, 0)),
        "nan": (np.array([[1, 2, 3], [4, np.nan, 6]], dtype="<f4"), (1, 0)),
        "infinite_half": (np.array([[1, np.inf, 3]], dtype="<f2"), (1, 0)),
        "beyond_float32": (np.array([[1, 2, 1e300]], dtype="<f8"), (1, 0)),
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    expected = {"numpy": np.__version__, "files": {}}
    for name, (array, version) in arrays().items():
        with open(FOLDER / f"{name}.npy", "wb") as file:
            np.lib.format.write_array(file, array, version=version)
        ours = array.dtype.str in ("<f2", "<f4", "<f8", "|u1") and not np.isfortran(array)
        with np.errstate(over="ignore"):
            floats = array.astype("<f4").ravel() if ours else np.array([np.nan])
        values = floats.astype("<f8").tolist() if np.isfinite(floats).all() else None
        expected["files"][name] = {"dtype": array.dtype.str, "shape": list(array.shape), "float32": values}
    # Every finite half and what NumPy makes of it, as float32 bits in order of the half's bits.
    halves = np.arange(65536, dtype="<u2").view("<f2").astype("<f4")
    digest_input = struct.pack("<I", 65536) + np.where(np.isnan(halves), np.float32(0), halves).tobytes()
    expected["halvesSha256"] = hashlib.sha256(digest_input).hexdigest()
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
