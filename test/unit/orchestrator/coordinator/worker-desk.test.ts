/** What is kept of a worker's last words: people read them in errors. */
import assert from 'node:assert/strict';
import { WorkerDesk, type WorkerEnd } from '@bagfleet/orchestrator/coordinator/worker-desk';
import type { Launcher, WorkerEvents } from '@bagfleet/orchestrator/launch/launcher';

const LINE = { time: '2026-03-01T12:00:00.123Z', level: 'error', run: 'r', worker: 'w0' };

/** The worker's lines come from `speak`. */
function lastLinesOf(lines: readonly string[]): { lastLines: readonly string[]; recorded: string[] } {
  let worker: WorkerEvents | null = null;
  const launcher = {
    launch: (_: unknown, events: WorkerEvents) => {
      worker = events;
      return { kill: () => undefined, pause: () => true };
    },
  } as unknown as Launcher;
  const ends: WorkerEnd[] = [];
  const recorded: string[] = [];
  const desk = new WorkerDesk(launcher, {
    recordedOf: () => ({ lines: 0, last: null }),
    onLine: (_, line) => recorded.push(line),
    onPlacing: () => undefined,
    onExit: (_, end) => ends.push(end),
  });
  desk.launch({ workerId: 'w0', incarnation: '1.1', coordinator: 'h:1', token: 't', threads: 1, gpus: 0 });
  const events = worker as WorkerEvents | null;
  for (const line of lines) events?.onLine(line);
  events?.onExit({ code: 1, signal: null, why: null });
  return { lastLines: ends[0].lastLines, recorded };
}

describe('the memory of a worker', () => {
  it('is the most that it was heard to hold, for the launch that said so', () => {
    const launched: WorkerEvents[] = [];
    const launch = (_: unknown, events: WorkerEvents) => {
      launched.push(events);
      return { kill: () => undefined, pause: () => undefined };
    };
    const desk = new WorkerDesk({ launch } as unknown as Launcher, {
      recordedOf: () => ({ lines: 0, last: null }),
      onLine: () => undefined,
      onPlacing: () => undefined,
      onExit: () => undefined,
    });
    const start = () =>
      desk.launch({
        workerId: 'w0',
        incarnation: '1.1',
        coordinator: 'h:1',
        token: 't',
        threads: 1,
        gpus: 0,
      });
    start();
    assert.equal(launched[0].peakBytes(), null);
    for (const bytes of [5, 9, 7]) desk.heardPeak('w0', bytes);
    desk.heardPeak('w1', 100);
    assert.equal(launched[0].peakBytes(), 9);
    start();
    assert.deepEqual([launched[0].peakBytes(), launched[1].peakBytes()], [9, null]);
  });
});

describe('the last words of a worker', () => {
  it('are the messages of its JSON lines and its plain ones; the log keeps the lines', () => {
    const json = JSON.stringify({ ...LINE, message: 'bag b3: broken\n  Mend it.' });
    const { lastLines, recorded } = lastLinesOf(['terminate called', json]);
    assert.deepEqual(lastLines, ['terminate called', 'bag b3: broken', '  Mend it.']);
    assert.deepEqual(recorded, ['terminate called', json]);
  });

  it('are the last twelve, also when one message has several', () => {
    const long = JSON.stringify({
      ...LINE,
      message: Array.from({ length: 15 }, (_, i) => `m${i}`).join('\n'),
    });
    assert.deepEqual(lastLinesOf(['first', long, 'last']).lastLines, [
      'm4',
      'm5',
      'm6',
      'm7',
      'm8',
      'm9',
      'm10',
      'm11',
      'm12',
      'm13',
      'm14',
      'last',
    ]);
    assert.deepEqual(lastLinesOf(['one', 'two']).lastLines, ['one', 'two']);
  });
});
