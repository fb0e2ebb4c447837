"""Writes the reference values that the tests compare with: `python make_fixtures.py ../../test/fixtures/reference`."""

import json
import pathlib
import sys

import torch

import fixture_groups
import fixture_models
import fixture_parts


def main(folder: pathlib.Path) -> None:
    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "abmil": fixture_models.make_abmil(folder),
        "lenet_abmil": fixture_models.make_lenet_abmil(folder),
        "losses": fixture_parts.make_losses(),
        "optimizers": fixture_parts.make_optimizers(folder),
        "groups": fixture_groups.make_groups(folder),
        "schedules": fixture_parts.make_schedules(),
        "clipping": fixture_parts.make_clipping(),
    }
    for name, value in facts.items():
        document = {"pytorch": torch.__version__, "values": value}
        (folder / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")
    print(f"{sum(file.stat().st_size for file in folder.iterdir()) / 1024:.0f} KiB in {folder}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
