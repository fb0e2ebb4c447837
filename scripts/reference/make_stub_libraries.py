"""Lets PyTorch's CUDA build run on a CPU without the 5 GB of CUDA libraries.

In: the folder torch/lib of an installed wheel. Out: beside its libraries, one small library for each NVIDIA
library that they are linked with and that is not there, with every symbol that they expect in it. Nothing
calls them on a CPU: `torch.cuda.is_available()` is False.
"""

import collections
import pathlib
import re
import subprocess
import sys
import tempfile

NVIDIA_LIBRARY = re.compile(r"^lib(cu|nccl|nvrtc|nvshmem|nvJitLink)")
NVIDIA_SYMBOL = re.compile(r"^(cu[A-Z]|cusparseLt|nccl|nvshmem)")


def output_of(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def needed_libraries(folder: pathlib.Path) -> set[str]:
    """Names of the NVIDIA libraries that the libraries of the folder are linked with."""
    names: set[str] = set()
    for library in folder.glob("*.so"):
        names |= set(re.findall(r"\(NEEDED\).*\[(.+)\]", output_of("readelf", "-d", str(library))))
    return {name for name in names if NVIDIA_LIBRARY.match(name)}


def expected_versions(folder: pathlib.Path) -> dict[str, str]:
    """Symbol version → the NVIDIA library that must define it."""
    library_of: dict[str, str] = {}
    for library in folder.glob("*.so"):
        needs = output_of("readelf", "-V", "-W", str(library)).partition(".gnu.version_r")[2]
        for file, versions in re.findall(r"File: (\S+) +Cnt: \d+\n((?:.*Name: .*\n)*)", needs):
            if NVIDIA_LIBRARY.match(file):
                library_of |= dict.fromkeys(re.findall(r"Name: (\S+)", versions), file)
    return library_of


def missing_symbols(folder: pathlib.Path) -> set[str]:
    """`symbol` or `symbol@version`, asked for and defined nowhere in the folder."""
    asked: set[str] = set()
    defined: set[str] = set()
    for library in folder.glob("*.so*"):
        asked |= set(re.findall(r"^\s+U (\S+)$", output_of("nm", "-D", "-u", str(library)), re.M))
        defined |= set(re.findall(r" [A-Z] (\S+)$", output_of("nm", "-D", "--defined-only", str(library)), re.M))
    return asked - defined


def build(target: pathlib.Path, symbols: dict[str, list[str]]) -> None:
    """A library with the given symbols per version; version "" stands for none."""
    names = sorted({name for group in symbols.values() for name in group})
    nodes = [
        f"{version} {{ global: {' '.join(f'{name};' for name in group)} }};"
        for version, group in symbols.items()
        if version
    ]
    with tempfile.TemporaryDirectory() as temporary:
        source = pathlib.Path(temporary, "stub.c")
        source.write_text("".join(f"void *{name}(void) {{ return 0; }}\n" for name in names))
        script = pathlib.Path(temporary, "stub.map")
        script.write_text("\n".join(nodes))
        versions = [f"-Wl,--version-script={script}"] if nodes else []
        flags = ["-shared", "-fPIC", "-w", "-fno-builtin", f"-Wl,-soname,{target.name}", *versions]
        subprocess.run(["gcc", *flags, "-o", str(target), str(source)], check=True)


def main(folder: pathlib.Path) -> None:
    absent = [name for name in sorted(needed_libraries(folder)) if not (folder / name).exists()]
    # Symbols that are asked for without a library's name go to the one that every other library is linked with.
    shared = next((name for name in absent if name.startswith("libcudart.so")), "")
    library_of = expected_versions(folder)
    symbols: dict[str, dict[str, list[str]]] = collections.defaultdict(dict)
    for version, library in library_of.items():
        symbols[library][version] = []
    for asked in sorted(missing_symbols(folder)):
        symbol, _, version = asked.partition("@")
        if version in library_of:
            symbols[library_of[version]][version].append(symbol)
        elif not version and NVIDIA_SYMBOL.match(symbol):
            symbols[shared].setdefault("", []).append(symbol)
    for name in absent:
        build(folder / name, symbols[name])
        print(f"{name}: {sum(map(len, symbols[name].values()))} symbols")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
