/**
 * Workers as processes that outlive whoever started them: their output, their end, and how another launcher finds
 * both again.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerExit } from '@bagfleet/orchestrator/launch/launcher';
import { LocalLauncher } from '@bagfleet/orchestrator/launch/local-launcher';
import { OutputFile } from '@bagfleet/orchestrator/launch/output-file';
import { isAlive } from '@bagfleet/orchestrator/launch/process-id';
import { tempFolder } from '../../support/temp-folder.js';

const RUN = 'launcher-test';
const FOLDER = () => join(tmpdir(), `bagfleet-${RUN}`);

describe('local workers', () => {
  const launchers: LocalLauncher[] = [];
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const launcher of launchers.splice(0)) await launcher.clear();
  });

  function launcher(): LocalLauncher {
    const made = new LocalLauncher(RUN);
    launchers.push(made);
    return made;
  }

  function listener(linesRecorded = 0) {
    const lines: string[] = [];
    const exits: WorkerExit[] = [];
    const events = {
      recorded: { lines: linesRecorded, last: null },
      peakBytes: () => null,
      onLine: (line: string) => lines.push(line),
      onPlacing: () => {},
      onPlaced: () => {},
      onExit: (exit: WorkerExit) => exits.push(exit),
    };
    return { lines, exits, events };
  }

  it('tells the exit of its own child after its last line', async () => {
    const { lines, exits, events } = listener();
    // Without a run to work for, a worker says so and ends.
    launcher().launch(environmentOf('w0', 0), events);
    await until(() => exits.length > 0);
    assert.equal(exits[0].code, 1);
    assert.match(lines.join('\n'), /must be set/);
  });

  for (const [worker, gpus, seen] of [
    ['w5', 2, '1'],
    ['w1', 1, '0'],
    ['w0', 0, '-1'],
  ] as const)
    it(`shows ${worker} device ${seen} of ${gpus} GPUs, and tells it to compute the same bits each time`, async () => {
      const { lines, exits, events } = listener();
      const names = ['CUDA_VISIBLE_DEVICES', 'TF_DETERMINISTIC_OPS', 'TF_CUDNN_USE_AUTOTUNE'];
      names.push('NVIDIA_TF32_OVERRIDE', 'TF_FORCE_GPU_ALLOW_GROWTH');
      // The real worker, made to say what it sees before it begins.
      const words = `console.log("sees "+${JSON.stringify(names)}.map((name)=>process.env[name]).join("/"))`;
      await withVariable(
        'NODE_OPTIONS',
        `--import=data:text/javascript,${encodeURIComponent(words)}`,
        async () => {
          launcher().launch(environmentOf(worker, gpus), events);
          await until(() => exits.length > 0);
        },
      );
      assert.equal(lines[0], `sees ${seen}/1/0/0/true`);
    });

  it('adopts a process by its id: kills it, and tells its end without a code', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    children.push(child);
    const { exits, events } = listener();
    const adopted = launcher().adopt(
      { workerId: 'w0', incarnation: '1.1', pid: child.pid as number },
      events,
    );
    await sleep(300);
    assert.deepEqual(exits, []);
    adopted.kill();
    await until(() => exits.length > 0);
    assert.deepEqual(exits, [{ code: null, signal: null, why: null }]);
    assert.ok(!isAlive(child.pid as number));
  });

  it('goes on after the lines that were recorded', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    children.push(child);
    mkdirSync(FOLDER());
    // Two lines of the worker are recorded from a life of the run before this file, one from this file.
    const first = new OutputFile(FOLDER(), 'w0', 2);
    appendFileSync(join(FOLDER(), 'w0.log'), 'recorded\nnot yet\n');
    assert.deepEqual(first.newLines(false), ['recorded', 'not yet']);
    const { lines, exits, events } = listener(3);
    const adopted = launcher().adopt(
      { workerId: 'w0', incarnation: '1.1', pid: child.pid as number },
      events,
    );
    await until(() => lines.length === 1);
    appendFileSync(join(FOLDER(), 'w0.log'), 'and without an end');
    adopted.kill();
    await until(() => exits.length > 0);
    assert.deepEqual(lines, ['not yet', 'and without an end']);
  });

  it('leaves nothing on the machine when the run is concluded', async () => {
    const made = launcher();
    new OutputFile(FOLDER(), 'w0', 0);
    await made.clear();
    assert.ok(!existsSync(FOLDER()));
  });
});

describe('the output of a worker', () => {
  const temp = tempFolder();

  it('comes line by line, also when characters and lines arrive in pieces', () => {
    const output = new OutputFile(temp.path, 'w0', 0);
    const write = (bytes: Uint8Array) => appendFileSync(join(temp.path, 'w0.log'), bytes);
    const text = Buffer.from('größer\r\nzwei\ndrei');
    write(text.subarray(0, 4)); // in the middle of an ö
    assert.deepEqual(output.newLines(false), []);
    write(text.subarray(4, 12));
    assert.deepEqual(output.newLines(false), ['größer']);
    write(text.subarray(12));
    assert.deepEqual(output.newLines(false), ['zwei']);
    assert.deepEqual(output.newLines(true), ['drei']);
    assert.deepEqual(output.newLines(true), []);
  });
});

function environmentOf(workerId: string, gpus: number) {
  return { workerId, incarnation: '1.1', coordinator: '', token: '', threads: 1, gpus };
}

async function withVariable(name: string, value: string, work: () => Promise<void>): Promise<void> {
  const before = process.env[name];
  process.env[name] = value;
  await work().finally(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'it did not happen in time');
    await sleep(20);
  }
}
