"""Writes test/fixtures/hdf5: bags as CLAM, TRIDENT and others write them with h5py, and what is in them.

    python3 -m venv .venv/hdf5 && .venv/hdf5/bin/pip install h5py==3.16.0 numpy==2.4.6
    .venv/hdf5/bin/python scripts/reference/make_hdf5_fixtures.py

Files that are named in expected.json are bags; the others are to be refused, `empty` by whoever wants instances.
"""

import h5py
import numpy as np
from bag_arrays import FIXTURES, bag_arrays, expected_bag, write_expected
from hdf5_parts import V110, append_as_clam, compact, create, created, low_level, plain_edges, save_as_trident

FOLDER = FIXTURES / "hdf5"
ARRAYS = bag_arrays()
FLOATS, HALVES, DOUBLES, TILES = (ARRAYS[name] for name in ("float32", "float16", "float64", "tiles"))
COORDS, LABELS, EDGES = ARRAYS["coords"], ARRAYS["labels"], ARRAYS["edges"]
RNG = np.random.default_rng(17)
"""Values that compress, wider and longer than a chunk: [50, 7]."""
LONG = np.repeat(RNG.integers(0, 40, size=(10, 7)), 5, axis=0).astype("<f4") / 8


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = {}
    for make in (extractors, types, layouts, indexes, structures):
        files.update(make())
    refused()
    versions = {"h5py": h5py.__version__, "hdf5": h5py.version.hdf5_version, "numpy": np.__version__}
    write_expected(FOLDER, versions, files)


def new(name: str, **options) -> h5py.File:
    return h5py.File(FOLDER / f"{name}.h5", "w", **options)


def extractors() -> dict:
    batches = [slice(0, 4), slice(4, None)]
    append_as_clam(FOLDER / "clam.h5", [{"features": FLOATS[of], "coords": COORDS[of]} for of in batches])
    attributes = {"coords": {"patch_size": 256, "level0_magnification": 40, "target_magnification": 20, "overlap": 0,
                             "name": "slide_1", "savetodir": "/data/patches"}}
    save_as_trident(FOLDER / "trident.h5", {"features": HALVES, "coords": COORDS}, attributes)
    save_as_trident(FOLDER / "trident_leading_axis.h5", {"features": FLOATS[None], "coords": COORDS[None]}, attributes)
    with new("gzip") as file:
        file.create_dataset("features", data=LONG, compression="gzip")
        file.create_dataset("coords", data=np.arange(100).reshape(50, 2), compression="gzip", compression_opts=9)
    return {
        "clam": expected_bag(FLOATS, coords=COORDS),
        "trident": expected_bag(HALVES, coords=COORDS),
        "trident_leading_axis": {**expected_bag(FLOATS, coords=COORDS)},
        "gzip": expected_bag(LONG, coords=np.arange(100)),
    }


def types() -> dict:
    with new("half") as file:
        file["features"], file["coords"], file["inst_labels"] = HALVES, COORDS.astype("<i4"), LABELS.astype("i1")
    with new("double") as file:
        file["feats"], file["coords"] = DOUBLES, COORDS.astype("<f8") + 0.5
        file["inst_labels"], file["edge_index"] = LABELS > 0, EDGES
    with new("big_endian") as file:
        file["features"], file["coords"] = FLOATS.astype(">f4"), COORDS.astype(">i8")
        file["inst_labels"], file["edge_index"] = LABELS.astype(">i2"), EDGES.astype(">u4")
    with new("big_endian_half") as file:
        file.create_dataset("features", data=HALVES.astype(">f2"), chunks=(4, 5), compression="gzip", shuffle=True)
    with new("tiles") as file:
        file.create_dataset("features", data=TILES, chunks=(2, 3, 4, 2), compression="gzip")
        file["coords"] = COORDS[:3].astype("<u2")
    with new("enumerated") as file:
        file["features"] = FLOATS
        kinds = h5py.enum_dtype({"stroma": 0, "tumor": 1, "fat": 2}, basetype="i2")
        file.create_dataset("patch_labels", data=LABELS.astype("i2"), dtype=kinds)
    brain = (FLOATS.view("<u4") >> 16).astype("<u2")  # its upper halves
    with new("bfloat16") as file:
        kind = h5py.h5t.IEEE_F32LE.copy()
        kind.set_fields(15, 7, 8, 0, 7)
        kind.set_size(2)
        kind.set_ebias(127)
        dataset = create(file, "features", kind, brain.shape, h5py.h5p.create(h5py.h5p.DATASET_CREATE))
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, brain, mtype=kind)
    return {
        "half": expected_bag(HALVES, coords=COORDS, labels=LABELS),
        "double": expected_bag(DOUBLES, coords=COORDS + 0.5, labels=LABELS > 0, edges=EDGES),
        "big_endian": expected_bag(FLOATS, coords=COORDS, labels=LABELS, edges=EDGES),
        "big_endian_half": expected_bag(HALVES),
        "tiles": expected_bag(TILES, coords=COORDS[:3].astype("<u2")),
        "enumerated": expected_bag(FLOATS, labels=LABELS),
        "bfloat16": expected_bag(brain, "bfloat16"),
    }


def layouts() -> dict:
    with new("filters") as file:
        file.create_dataset("features", data=LONG, chunks=(8, 3), compression="gzip", shuffle=True, fletcher32=True)
    with new("lzf") as file:
        file.create_dataset("features", data=LONG, chunks=(16, 7), compression="lzf", shuffle=True)
        file.create_dataset("inst_labels", data=np.arange(50) // 20, chunks=(20,), compression="lzf", fletcher32=True)
        file.create_dataset("coords", data=RNG.normal(size=(50, 2)), chunks=(4, 2), compression="lzf")
        noise = file["coords"][:]  # too random for LZF: these chunks are stored as they are
    with new("fletcher32") as file:
        odd = RNG.integers(0, 256, size=(9, 3), dtype="u1")
        file.create_dataset("features", data=odd, chunks=(5, 3), fletcher32=True)
    with new("compact") as file:
        compact(file, "features", FLOATS)
        compact(file, "coords", COORDS)
    with new("large_chunk") as file:
        file.create_dataset("features", data=FLOATS, chunks=(64, 5), maxshape=(None, None))
    return {
        "filters": expected_bag(LONG),
        "lzf": expected_bag(LONG, coords=noise, labels=np.arange(50) // 20),
        "fletcher32": expected_bag(odd),
        "compact": expected_bag(FLOATS, coords=COORDS),
        "large_chunk": expected_bag(FLOATS),
    }


def indexes() -> dict:
    """All chunk indexes of the newest form, and those of the form before."""
    files = {}
    many = RNG.integers(0, 256, size=(1100, 1), dtype="u1")
    for form, libver in (("v110", V110), ("latest", "latest")):
        with new(f"{form}_single", libver=libver) as file:
            file.create_dataset("features", data=FLOATS, chunks=FLOATS.shape)
            file.create_dataset("coords", data=COORDS, chunks=(8, 2), maxshape=(8, 2), compression="gzip")
        files[f"{form}_single"] = expected_bag(FLOATS, coords=COORDS)
        with new(f"{form}_fixed", libver=libver) as file:
            packed = {"compression": "gzip", "shuffle": True}
            file.create_dataset("features", data=LONG, chunks=(8, 3), maxshape=(80, 9), **packed)
            file.create_dataset("inst_labels", data=np.arange(50), chunks=(3,))
        files[f"{form}_fixed"] = expected_bag(LONG, labels=np.arange(50))
        with new(f"{form}_extensible", libver=libver) as file:
            file.create_dataset("features", data=LONG, chunks=(1, 7), maxshape=(None, 7), compression="gzip")
            file.create_dataset("coords", data=np.arange(100).reshape(50, 2), chunks=(1, 2), maxshape=(None, 2))
            file.create_dataset("edge_index", data=EDGES, chunks=(1, 2), maxshape=(3, None))
        files[f"{form}_extensible"] = expected_bag(LONG, coords=np.arange(100), edges=EDGES)
        with new(f"{form}_tree", libver=libver) as file:
            file.create_dataset("features", data=LONG, chunks=(1, 3), maxshape=(None, None))
            grid = np.arange(100).reshape(50, 2)
            file.create_dataset("coords", data=grid, chunks=(1, 1), maxshape=(None, None), compression="gzip")
        files[f"{form}_tree"] = expected_bag(LONG, coords=np.arange(100))
    with new("latest_implicit", libver="latest") as file:
        low_level(file, "features", LONG, chunk=(8, 3), early=True)
    files["latest_implicit"] = expected_bag(LONG)
    with new("latest_fixed_pages", libver="latest") as file:
        file.create_dataset("features", data=many, chunks=(1, 1))
    files["latest_fixed_pages"] = expected_bag(many)
    with new("latest_extensible_far", libver="latest") as file:
        file.create_dataset("features", data=many, chunks=(1, 1), maxshape=(None, 1))
    files["latest_extensible_far"] = expected_bag(many)
    with new("plain_edges", libver="latest") as file:
        plain_edges(file, "features", LONG, chunk=(8, 3))
    files["plain_edges"] = expected_bag(LONG)
    return files


def structures() -> dict:
    with new("beside") as file:
        file["features"], file["coords"] = FLOATS, COORDS
        file["slide_id"] = "TCGA-AA-0001"
        file.create_dataset("names", data=np.array([b"a", b"bc"]))
        file.create_dataset("table", data=np.zeros(3, dtype=[("a", "<f4"), ("b", "S3")]))
        file.create_dataset("nothing", data=h5py.Empty("f4"))
        file["thumbnails/small"] = TILES
        file["shortcut"], file["elsewhere"] = h5py.SoftLink("/features"), h5py.ExternalLink("other.h5", "/x")
        file["kind"] = np.dtype("<f4")
        for i in range(40):
            file["features"].attrs[f"attribute {i}"] = "x" * 200
    with new("beside_latest", libver="latest", track_order=True) as file:
        file["features"], file["coords"], file["inst_labels"] = FLOATS, COORDS, LABELS
        file["slide_id"] = "TCGA-AA-0001"
        file["shortcut"], file["elsewhere"] = h5py.SoftLink("/features"), h5py.ExternalLink("other.h5", "/x")
        for i in range(20):
            file["features"].attrs[f"attribute {i}"] = "x" * 200
    with new("v108", libver=("v108", "v108")) as file:
        file["features"], file["coords"] = FLOATS, COORDS
    with new("in_group") as file:
        file["TCGA-AA-0001/features"], file["TCGA-AA-0001/coords"] = FLOATS, COORDS
        file["inst_labels"], file["masks/tissue"] = LABELS, TILES
    with new("alone") as file:
        file["slide_1"] = FLOATS
    many_names = {f"attention_{i:02}": np.float32(i) for i in range(30)}
    for form, options in (("many_names", {}), ("many_names_latest", {"libver": "latest"})):
        with new(form, **options) as file:
            for name, value in {**many_names, "features": FLOATS}.items():
                file[name] = value
    with new("nine_names_latest", libver="latest") as file:
        for name, value in {**dict(list(many_names.items())[:8]), "features": FLOATS}.items():
            file[name] = value
    unusual = {
        "narrow": created(FOLDER / "narrow.h5", h5py.h5f.LIBVER_EARLIEST, address_bytes=4),
        "narrow_latest": created(FOLDER / "narrow_latest.h5", h5py.h5f.LIBVER_LATEST, address_bytes=4),
        "odd_nodes": created(FOLDER / "odd_nodes.h5", h5py.h5f.LIBVER_EARLIEST, odd_nodes=True),
    }
    for file in unusual.values():
        with file:
            file.create_dataset("features", data=LONG, chunks=(8, 3), compression="gzip")
            file["coords"] = np.arange(100).reshape(50, 2)
    both = expected_bag(FLOATS, coords=COORDS)
    return {
        "beside": both,
        "beside_latest": expected_bag(FLOATS, coords=COORDS, labels=LABELS),
        "v108": both,
        "in_group": expected_bag(FLOATS, coords=COORDS, labels=LABELS),
        "alone": expected_bag(FLOATS),
        "many_names": expected_bag(FLOATS),
        "many_names_latest": expected_bag(FLOATS),
        "nine_names_latest": expected_bag(FLOATS),
        **{name: expected_bag(LONG, coords=np.arange(100)) for name in unusual},
    }


def refused() -> None:
    with new("empty") as file:
        file.create_dataset("features", shape=(0, 5), maxshape=(None, 5), dtype="f4")
        file.create_dataset("coords", shape=(0, 2), dtype="i8")
    with new("integers") as file:
        file["features"] = COORDS
    with new("strings") as file:
        file["features"] = ["a", "b"]
    with new("complex") as file:
        file["features"] = FLOATS.astype("c8")
    with new("one_axis") as file:
        file["features"] = FLOATS.ravel()
    with new("coords_alone") as file:
        file["coords"] = COORDS
    with new("two_groups") as file:
        file["a/features"], file["b/features"] = FLOATS, FLOATS
    with new("scaleoffset") as file:
        file.create_dataset("features", data=FLOATS, chunks=(3, 5), scaleoffset=3)
    with new("unwritten") as file:
        file.create_dataset("features", shape=(6, 5), dtype="f4")
    with new("unwritten_chunks") as file:
        file.create_dataset("features", shape=(6, 5), dtype="f4", chunks=(2, 5))[:2] = FLOATS[:2]
    with new("external") as file:
        file.create_dataset("features", shape=(6, 5), dtype="f4", external=[("/etc/passwd", 0, 120)])
    with new("virtual", libver="latest") as file:
        layout = h5py.VirtualLayout(shape=(6, 5), dtype="f4")
        layout[:] = h5py.VirtualSource("other.h5", "features", shape=(6, 5))
        create(file, "features", h5py.h5t.IEEE_F32LE, (6, 5), layout.dcpl)
    with new("named_type") as file:
        file["kind"] = np.dtype("<f4")
        file.create_dataset("features", data=FLOATS, dtype=file["kind"])


if __name__ == "__main__":
    main()
