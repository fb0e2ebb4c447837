"""What the fixtures of bag formats are made of, and how what is in them is written down: `expected.json`."""

import base64
import json
from pathlib import Path

import numpy as np

FIXTURES = Path(__file__).resolve().parents[2] / "test" / "fixtures"
INSTANCES, WIDTH = 6, 5


def half_bits() -> np.ndarray:
    """Zeros, subnormals, the largest and smallest normal halves, both signs, and some more: [6, 5] uint16."""
    bits = [0x0000, 0x8000, 0x0001, 0x8001, 0x03FF, 0x0400, 0x7BFF, 0xFBFF, 0x3C00, 0xBC00]
    rng = np.random.default_rng(5)
    more = rng.integers(0x3000, 0x4800, size=INSTANCES * WIDTH - len(bits))
    return np.array(bits + list(more), dtype="<u2").reshape(INSTANCES, WIDTH)


def bag_arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(13)
    floats = rng.normal(size=(INSTANCES, WIDTH))
    return {
        "float32": floats.astype("<f4"),
        "float64": floats.astype("<f8"),
        "float16": half_bits().view("<f2"),
        "tiles": rng.integers(0, 256, size=(3, 4, 4, 3), dtype=np.uint8),
        "coords": rng.integers(0, 200_000, size=(INSTANCES, 2)).astype("<i8"),
        "labels": np.array([0, 1, 1, 0, 2, 1], dtype="<i8"),
        "edges": np.array([[0, 1, 2, 3, 4, 5, 0], [1, 2, 3, 4, 5, 0, 3]], dtype="<i8"),
    }


def expected_bag(features, kind=None, coords=None, labels=None, edges=None) -> dict:
    """`features` as a bag keeps them: float64 as float32; of bfloat16 the bits as uint16, and `kind` says so."""
    if features.dtype == np.dtype("<f8"):
        features = features.astype("<f4")
    values = lambda array: None if array is None else array.ravel().tolist()
    return {
        "type": kind or features.dtype.name,
        "shape": list(features.shape),
        "features": base64.b64encode(np.ascontiguousarray(features).tobytes()).decode(),
        "coords": values(None if coords is None else coords.astype("<f4").astype("<f8")),
        "instanceLabels": values(None if labels is None else labels.astype("<i4")),
        "edges": values(None if edges is None else edges.astype("<i4")),
    }


def write_expected(folder: Path, versions: dict[str, str], files: dict[str, dict]) -> None:
    (folder / "expected.json").write_text(json.dumps({"versions": versions, "files": files}, indent=1) + "\n")
