/** On a terminal one line is rewritten, elsewhere plain lines come now and then. */
import assert from 'node:assert/strict';
import { ProgressDrawer } from '@bagfleet/orchestrator/report/progress-drawer';
import { progressLine } from '@bagfleet/orchestrator/report/progress-line';
import { runningStatus as status } from './example-rows.js';

class Recorder {
  written = '';
  constructor(
    readonly isTTY: boolean,
    readonly columns?: number,
  ) {}
  write(text: string): void {
    this.written += text;
  }
}

function drawing(isTTY: boolean, columns?: number) {
  const stream = new Recorder(isTTY, columns);
  const clock = { now: 0 };
  return { stream, clock, drawer: new ProgressDrawer(stream, () => clock.now) };
}

describe('progress drawer', () => {
  it('terminal: rewrites its line, one column short of the edge, and says nothing twice', () => {
    const { stream, drawer } = drawing(true, 61);
    drawer.draw(status);
    drawer.draw(status);
    drawer.draw({ ...status, step: 13 });
    drawer.end();
    drawer.end();
    const lines = [status, { ...status, step: 13 }].map((at) => `\r${progressLine(at, 60)}\x1b[K`);
    assert.equal(stream.written, `${lines.join('')}\n`);
  });

  it('terminal: takes 80 columns where the terminal says 0', () => {
    const { stream, drawer } = drawing(true, 0);
    drawer.draw(status);
    assert.equal(stream.written, `\r${progressLine(status, 79)}\x1b[K`);
  });

  it('terminal: the end of the run stays on its line', () => {
    const { stream, drawer } = drawing(true);
    drawer.draw({ ...status, state: 'done' });
    assert.ok(stream.written.startsWith('\rdone: ') && stream.written.endsWith('\x1b[K\n'));
  });

  it('terminal: a note stays above the progress', () => {
    const { stream, drawer } = drawing(true, 40);
    drawer.note('hello');
    drawer.draw(status);
    drawer.note('worker w2 joined');
    const line = `\r${progressLine(status, 39)}\x1b[K`;
    assert.equal(stream.written, `\rhello\x1b[K\n${line}\rworker w2 joined\x1b[K\n${line}`);
  });

  it('says in full, and once, who is missing and why, on a terminal and elsewhere', () => {
    const phase =
      'training with 1 of 2 workers, w1 has no place yet: no node has room (0/3 nodes are available)';
    const narrow = drawing(true, 40);
    for (const step of [12, 13]) narrow.drawer.draw({ ...status, phase, step });
    const lines = [12, 13].map((step) => `\r${progressLine({ ...status, step }, 39)}\x1b[K`);
    assert.equal(narrow.stream.written, `\r${phase}\x1b[K\n${lines.join('')}`);

    const pipe = drawing(false);
    const starting = {
      ...status,
      epoch: 0,
      state: 'starting' as const,
      phase: 'starting: 0 of 1; w0: no room',
    };
    pipe.drawer.draw(starting);
    pipe.drawer.draw(starting);
    assert.equal(pipe.stream.written, 'starting: 0 of 1; w0: no room\n');
  });

  it('elsewhere: a line for each epoch and state, else every five seconds, never an escape code', () => {
    const { stream, clock, drawer } = drawing(false);
    drawer.draw({ ...status, state: 'starting', phase: 'waiting' });
    for (let step = 1; step <= 12; step++) {
      clock.now += 1000;
      drawer.draw({ ...status, step });
    }
    drawer.draw({ ...status, epoch: 4, step: 1 });
    drawer.note('epoch 3/30 done');
    drawer.draw({ ...status, state: 'done' });
    const said = stream.written
      .trimEnd()
      .split('\n')
      .map((line) => line.split('  ')[0]);
    assert.deepEqual(said, [
      'starting: waiting',
      'epoch 3/30 step 1/63',
      'epoch 3/30 step 6/63',
      'epoch 3/30 step 11/63',
      'epoch 4/30 step 1/63',
      'epoch 3/30 done',
      'done: 3 of 30 epochs, best AUC 0.9000 in epoch 2',
    ]);
    assert.ok(!stream.written.includes('\x1b') && !stream.written.includes('\r'));
  });
});
