"""Writes test/fixtures/npz: small .npz files as NumPy and SciPy write them, and what is in them.

    python3 -m venv .venv/numpy && .venv/numpy/bin/pip install numpy==2.4.6 scipy==1.17.0
    .venv/numpy/bin/python scripts/reference/make_npz_fixtures.py

Files that are named in expected.json are bags; the others are to be refused.
"""

import numpy as np
import scipy
from bag_arrays import FIXTURES, bag_arrays, expected_bag, write_expected

FOLDER = FIXTURES / "npz"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    all_of = bag_arrays()
    coords, labels, edges = all_of["coords"], all_of["labels"], all_of["edges"]
    floats, halves, tiles = all_of["float32"], all_of["float16"], all_of["tiles"]
    files = {}

    np.savez(FOLDER / "all.npz", features=floats, coords=coords, inst_labels=labels > 0, edge_index=edges,
             slide_id=np.array(["TCGA-AA-0001"]))
    files["all"] = expected_bag(floats, coords=coords, labels=labels > 0, edges=edges)

    np.savez_compressed(FOLDER / "compressed.npz", feats=halves, coordinates=coords.astype("<i4"),
                        patch_labels=labels.astype(np.uint8).reshape(-1, 1), edge_index=edges.astype("<u2"))
    files["compressed"] = expected_bag(halves, coords=coords, labels=labels, edges=edges)

    np.savez(FOLDER / "alone.npz", all_of["float64"][np.newaxis])
    files["alone"] = expected_bag(all_of["float64"])

    np.savez_compressed(FOLDER / "tiles.npz", features=tiles, coords=coords[:3].astype("<f8") + 0.5)
    files["tiles"] = expected_bag(tiles, coords=coords[:3].astype("<f8") + 0.5)

    ones = np.ones(edges.shape[1], dtype="<f4")
    matrix = scipy.sparse.coo_array((ones, (edges[0], edges[1])), shape=(len(floats), len(floats)))
    np.savez(FOLDER / "graph.npz", features=floats, row=matrix.row, col=matrix.col, data=matrix.data,
             shape=matrix.shape)
    files["graph"] = expected_bag(floats, edges=edges)

    scipy.sparse.save_npz(FOLDER / "adjacency_alone.npz", matrix)
    np.savez(FOLDER / "objects.npz", features=np.array([{"a": 1}, None], dtype=object))
    np.savez(FOLDER / "two_unnamed.npz", floats, coords)
    np.savez(FOLDER / "fortran.npz", features=np.asfortranarray(floats))
    write_expected(FOLDER, {"numpy": np.__version__, "scipy": scipy.__version__}, files)


if __name__ == "__main__":
    main()
