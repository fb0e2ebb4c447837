"""What TensorBoard itself reads from the event file in test/fixtures/report.

Writes test/fixtures/report/tensorboard-scalars.json: per tag the list of [step, value, wall time]. The event file is
written by `UPDATE_FIXTURES=1 npx mocha test/unit/orchestrator/report/tensorboard.test.ts`.

    pip install tensorboard==2.21.0
    python scripts/reference/tensorboard_scalars.py
"""

import json
import pathlib

import tensorboard.version
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

FOLDER = pathlib.Path(__file__).parents[2] / "test/fixtures/report"
OUT = FOLDER / "tensorboard-scalars.json"

if __name__ == "__main__":
    (event_file,) = FOLDER.glob("events.out.tfevents.*")
    seen = EventAccumulator(str(event_file), size_guidance={"scalars": 0})
    seen.Reload()
    assert seen.file_version == 2.0, seen.file_version
    scalars = {tag: [[e.step, e.value, e.wall_time] for e in seen.Scalars(tag)] for tag in seen.Tags()["scalars"]}
    source = f"TensorBoard {tensorboard.version.VERSION}, {pathlib.Path(__file__).name}"
    rows = ",\n".join(f"{json.dumps(tag)}: {json.dumps(points)}" for tag, points in scalars.items())
    OUT.write_text(f'{{\n"source": {json.dumps(source)},\n"scalars": {{\n{rows}\n}}\n}}\n')
    print(f"{OUT}: {len(scalars)} tags")
