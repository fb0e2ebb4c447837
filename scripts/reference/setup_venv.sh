#!/bin/sh
# Makes a virtual environment with PyTorch for the scripts of this folder: `sh setup_venv.sh FOLDER`.
# The CUDA build is the one in the package index; its 5 GB of CUDA libraries are replaced by empty ones.
set -eu
venv=${1:?usage: setup_venv.sh FOLDER}
here=$(cd "$(dirname "$0")" && pwd)

python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --no-deps \
  torch==2.15.0 filelock==4.2.12 typing-extensions==4.16.0 sympy==1.14.0 mpmath==1.4.1 \
  networkx==3.6.1 jinja2==3.1.6 markupsafe==3.0.4 fsspec==2026.9.0 numpy==2.4.6 safetensors==0.8.0
libraries=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("platlib") + "/torch/lib")')
"$venv/bin/python" "$here/make_stub_libraries.py" "$libraries"
"$venv/bin/python" -c 'import torch; print("PyTorch", torch.__version__, "on", torch.get_num_threads(), "threads")'
