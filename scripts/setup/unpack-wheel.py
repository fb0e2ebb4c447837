"""Unpacks what the binding needs from a TensorFlow wheel: two libraries and the headers of the C interface.

In: the wheel's path and a folder. Out: the files in that folder, and nothing else of the wheel.
"""

import os
import shutil
import sys
import zipfile

ROOT = "tensorflow/"
LIBRARIES = {"libtensorflow_cc.so.2", "libtensorflow_framework.so.2"}
HEADERS = (
    "include/tensorflow/c/",
    "include/tensorflow/core/platform/ctstring",
    "include/xla/tsl/c/",
    "include/tsl/platform/ctstring",
)


def wanted(name):
    return name in LIBRARIES or name.startswith(HEADERS)


def unpack(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            name = entry.filename[len(ROOT) :] if entry.filename.startswith(ROOT) else ""
            if entry.is_dir() or not wanted(name):
                continue
            target = os.path.join(folder, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(entry) as source, open(target, "wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)


unpack(sys.argv[1], sys.argv[2])
