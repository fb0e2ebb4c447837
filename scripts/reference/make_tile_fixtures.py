"""Writes test/fixtures/tiles: small PNG and JPEG tiles, alone and in archives, as Pillow writes and reads them.

    python3 -m venv .venv/tiles && .venv/tiles/bin/pip install pillow==13.0.0 numpy==2.4.6
    .venv/tiles/bin/python scripts/reference/make_tile_fixtures.py

Files that are named in an expected.json are bags; the others are to be refused. All values are exact, also those of
JPEG: Pillow's libjpeg-turbo and libvips' decode to the same bits.
"""

import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import PIL
from bag_arrays import FIXTURES, expected_bag, write_expected
from PIL import Image, features

FOLDER = FIXTURES / "tiles"
VERSIONS = {"pillow": PIL.__version__, "libjpeg_turbo": features.version("libjpeg_turbo"), "numpy": np.__version__}


def smooth(height: int, width: int, seed: int, noise: float = 12) -> np.ndarray:
    """Something like stained tissue: slow waves of colour and some noise; [height, width, 3] uint8."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = [160 + 60 * np.sin(x / (9 + c) + seed) * np.cos(y / (11 - c) + c) for c in range(3)]
    return (np.stack(waves, axis=-1) + rng.normal(0, noise, (height, width, 3))).clip(0, 255).astype(np.uint8)


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pixels(content: bytes, mode: str) -> np.ndarray:
    """[height, width, channels] uint8 as Pillow decodes them."""
    image = np.asarray(Image.open(io.BytesIO(content)).convert(mode))
    return image[:, :, np.newaxis] if image.ndim == 2 else image


def as_bag(tiles: list[bytes], mode: str = "RGB", coords=None) -> dict:
    stacked = np.stack([pixels(tile, mode) for tile in tiles])
    return expected_bag(stacked, coords=None if coords is None else np.array(coords))


def write_images() -> None:
    rgb = smooth(24, 20, 1)
    grey, opaque = rgb[:, :, 0], np.full((24, 20, 1), 255, dtype=np.uint8)
    image, grey_image = Image.fromarray(rgb), Image.fromarray(grey)
    png = {
        "rgb": (encoded(image, "PNG"), "RGB"),
        "grey": (encoded(grey_image, "PNG"), "L"),
        "one_bit": (encoded(grey_image.convert("1"), "PNG"), "L"),
        "palette": (encoded(image.quantize(16), "PNG"), "RGB"),
        "opaque": (encoded(Image.fromarray(np.dstack([rgb, opaque])), "PNG"), "RGB"),
        "grey_opaque": (encoded(Image.fromarray(np.dstack([grey, opaque[:, :, 0]]), "LA"), "PNG"), "L"),
    }
    jpeg = {
        "plain": (encoded(image, "JPEG"), "RGB"),
        "full_colour": (encoded(image, "JPEG", quality=90, subsampling=0), "RGB"),
        "progressive": (encoded(image, "JPEG", progressive=True), "RGB"),
        "odd_size": (encoded(Image.fromarray(rgb[:23, :17]), "JPEG", subsampling=1), "RGB"),
        "grey": (encoded(grey_image, "JPEG"), "L"),
    }
    write_folder("png", png)
    write_folder("jpeg", jpeg)
    refused = {
        "transparent.png": encoded(Image.fromarray(np.dstack([rgb, opaque - grey[:, :, np.newaxis]])), "PNG"),
        "sixteen_bits.png": encoded(Image.fromarray(grey.astype(np.uint16) * 200), "PNG"),
        "cmyk.jpeg": encoded(image.convert("CMYK"), "JPEG"),
        "bitmap.png": encoded(image, "BMP"),
        "huge.png": encoded(Image.new("1", (20_000, 20_000)), "PNG"),
    }
    for name, content in refused.items():
        (FOLDER / name.split(".")[1] / name).write_bytes(content)


def write_folder(kind: str, images: dict[str, tuple[bytes, str]]) -> None:
    folder = FOLDER / kind
    folder.mkdir(parents=True, exist_ok=True)
    for name, (content, _) in images.items():
        (folder / f"{name}.{kind}").write_bytes(content)
    write_expected(folder, VERSIONS, {name: as_bag([content], mode) for name, (content, mode) in images.items()})


def write_zips() -> None:
    folder = FOLDER / "zip"
    folder.mkdir(parents=True, exist_ok=True)
    tiles = [encoded(Image.fromarray(smooth(16, 16, i)), "PNG") for i in range(4)]
    files = {}
    with zipfile.ZipFile(folder / "numbered.zip", "w") as archive:
        for name, i in [("tile_10.png", 3), ("tile_2.png", 2), ("tile_1.png", 1), ("tile_0.png", 0)]:
            archive.writestr(entry(f"slide/{name}"), tiles[i])
        archive.writestr(entry("slide/notes.txt"), "passed over")
        archive.writestr(entry("__MACOSX/slide/._tile_1.png"), b"passed over")
    files["numbered"] = as_bag(tiles)
    jpegs = [encoded(Image.fromarray(smooth(16, 16, i)), "JPEG") for i in range(3)]
    places = [(0, 0), (1024, 0), (0, 2048)]
    with zipfile.ZipFile(folder / "placed.zip", "w") as archive:
        for (x, y), tile in zip(places, jpegs):
            archive.writestr(entry(f"x_{x}_y_{y}.jpg"), tile, zipfile.ZIP_DEFLATED)
    order = [0, 2, 1]  # x_0_y_0, x_0_y_2048, x_1024_y_0
    files["placed"] = as_bag([jpegs[i] for i in order], coords=[places[i] for i in order])
    write_expected(folder, VERSIONS, files)


def entry(name: str) -> zipfile.ZipInfo:
    """Without the time of day, so that the archive has the same bytes each time."""
    return zipfile.ZipInfo(name)


def write_tars() -> None:
    folder = FOLDER / "tar"
    folder.mkdir(parents=True, exist_ok=True)
    tarfile.RECORDSIZE = tarfile.BLOCKSIZE  # no padding behind the end: a cut is a loss wherever it is
    tiles = [encoded(Image.fromarray(smooth(32, 32, i)), "PNG") for i in range(3)]
    long = "a" * 90 + "/" + "b" * 60 + "/"
    forms = {"ustar": tarfile.USTAR_FORMAT, "pax": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT}
    files = {}
    for form, number in forms.items():
        folders = {"ustar": long, "pax": long + "\u00e4" * 100 + "/", "gnu": long * 2}[form]
        with tarfile.open(folder / f"{form}.tar", "w", format=number) as archive:
            for x, tile in [(2048, tiles[2]), (0, tiles[0]), (512, tiles[1])]:
                add(archive, f"{folders}s1_x{x}_y77.png", tile)
            add(archive, "readme.txt", b"passed over")
        files[form] = as_bag(tiles, coords=[(0, 77), (512, 77), (2048, 77)])
    with tarfile.open(folder / "link.tar", "w") as archive:
        add(archive, "0_0.png", tiles[0])
        link = tarfile.TarInfo("0_1.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with tarfile.open(folder / "outside.tar", "w") as archive:
        add(archive, "../../0_0.png", tiles[0])
    write_expected(folder, VERSIONS, files)


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def write_panda() -> None:
    """The layout of the PANDA challenge's tile sets: 16 tiles of 128 × 128 × 3 per slide, named ID_0 to ID_15."""
    tiles = [encoded(Image.fromarray(smooth(128, 128, i, noise=3)), "JPEG") for i in range(16)]
    with zipfile.ZipFile(FOLDER / "panda.zip", "w") as archive:
        for i, tile in enumerate(tiles):
            archive.writestr(entry(f"0005f7aaab2800f6170c399693a96917_{i}.jpg"), tile)
    values = np.stack([pixels(tile, "RGB") for tile in tiles])
    facts = {"versions": VERSIONS, "shape": values.shape, "sha256": hashlib.sha256(values.tobytes()).hexdigest()}
    (FOLDER / "panda.json").write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    write_images()
    write_zips()
    write_tars()
    write_panda()
