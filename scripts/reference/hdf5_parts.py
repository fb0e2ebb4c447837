"""How the HDF5 fixtures are written: as CLAM and TRIDENT do it, and by what h5py offers on its lower level only."""

import ctypes
from pathlib import Path

import h5py
import numpy as np

V110 = ("v110", "v110")


def append_as_clam(path: Path, batches: list[dict[str, np.ndarray]]) -> None:
    """CLAM's save_hdf5 (utils/file_utils.py): chunks of one row, grown batch by batch."""
    for batch in batches:
        with h5py.File(path, "w" if batch is batches[0] else "a") as file:
            for key, value in batch.items():
                if key not in file:
                    shape, row = value.shape, value.shape[1:]
                    file.create_dataset(key, shape=shape, maxshape=(None,) + row, chunks=(1,) + row, dtype=value.dtype)
                    file[key][:] = value
                else:
                    file[key].resize(len(file[key]) + value.shape[0], axis=0)
                    file[key][-value.shape[0]:] = value


def save_as_trident(path: Path, assets: dict[str, np.ndarray], attributes: dict[str, dict]) -> None:
    """TRIDENT's save_h5 (trident/IO.py): chunks of one row, attributes on the arrays."""
    append_as_clam(path, [assets])
    with h5py.File(path, "a") as file:
        for key, given in attributes.items():
            for name, value in given.items():
                file[key].attrs[name] = value


def compact(file: h5py.File, name: str, values: np.ndarray) -> None:
    """Values within the object header."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    write(file, name, values, plist)


def low_level(file: h5py.File, name: str, values: np.ndarray, chunk: tuple, early: bool) -> None:
    """`early`: room for all chunks is made at once, which needs no index."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk(chunk)
    if early:
        plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    write(file, name, values, plist)


def plain_edges(file: h5py.File, name: str, values: np.ndarray, chunk: tuple) -> None:
    """Chunks at the edge go through no filter: a setting that h5py knows no name for."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk(chunk)
    plist.set_deflate(4)
    set_by_number("H5Pset_chunk_opts", plist, 2)
    write(file, name, values, plist)


def created(path: Path, form: int, address_bytes: int = 8, odd_nodes: bool = False) -> h5py.File:
    """A file whose addresses have so many bytes; with `odd_nodes` also its nodes have unusual sizes."""
    how = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    how.set_obj_track_times(False)
    how.set_sizes(address_bytes, address_bytes)
    if odd_nodes:
        set_by_number("H5Pset_istore_k", how, 3)
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_libver_bounds(form, h5py.h5f.LIBVER_LATEST)
    return h5py.File(h5py.h5f.create(str(path).encode(), h5py.h5f.ACC_TRUNC, fcpl=how, fapl=access))


def set_by_number(function: str, plist, number: int) -> None:
    """Calls a function of HDF5 that h5py has no name for."""
    library = next(Path(h5py.__file__).parent.parent.glob("h5py.libs/libhdf5-*"))
    of = getattr(ctypes.CDLL(str(library)), function)
    of.argtypes = [ctypes.c_int64, ctypes.c_uint]
    assert of(plist.id, number) >= 0


def write(file: h5py.File, name: str, values: np.ndarray, plist) -> None:
    kind = h5py.h5t.py_create(values.dtype)
    create(file, name, kind, values.shape, plist).write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(values))


def create(file: h5py.File, name: str, kind, shape: tuple, plist) -> h5py.h5d.DatasetID:
    """Without times, so that the file is the same bytes each time."""
    plist.set_obj_track_times(False)
    return h5py.h5d.create(file.id, name.encode(), kind, h5py.h5s.create_simple(shape), plist)
