/** The process of a pod with several GPUs, as Kubernetes starts it, and real children of it with faked devices. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type LogLine, parseLogLine } from '@bagfleet/proto';

const NODE_MAIN = fileURLToPath(import.meta.resolve('@bagfleet/worker/node-main'));
const FAKED_WORKER = new URL('faked-worker.mjs', import.meta.url).href;
const DEADLINE_MS = 30_000;

interface Faked {
  readonly worker: string;
  readonly incarnation: string;
  readonly gpu: string;
  readonly port: string;
}

describe('a pod with several GPUs', function () {
  this.timeout(60_000);
  const nodes: ChildProcess[] = [];
  afterEach(() => {
    for (const node of nodes.splice(0)) node.kill('SIGTERM');
  });

  function start(index: number, gpus: number, ends: object = {}, more: Record<string, string> = {}) {
    const lines: LogLine[] = [];
    const node = spawn(process.execPath, [NODE_MAIN], {
      env: {
        ...process.env,
        CUDA_VISIBLE_DEVICES: '',
        BAGFLEET_RUN: 's3://bucket/runs/mnist-1',
        BAGFLEET_INDEX: String(index),
        BAGFLEET_GPUS: String(gpus),
        BAGFLEET_POD_UID: `uid${index}`,
        BAGFLEET_PORT: '7077',
        NODE_OPTIONS: `--import=${FAKED_WORKER}`,
        FAKED_ENDS: JSON.stringify(ends),
        ...more,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    nodes.push(node);
    const over = once(node, 'exit') as Promise<[number | null, string | null]>;
    if (node.stdout)
      createInterface(node.stdout).on('line', (text) => {
        const line = parseLogLine(text);
        assert.ok(line, `no JSON line of a worker: ${text}`);
        lines.push(line);
      });
    const faked = () =>
      lines.flatMap(({ message }) =>
        message.startsWith('faked ') ? (JSON.parse(message.slice(6)) as Faked) : [],
      );
    return { node, lines, over, faked };
  }

  it('starts one worker per GPU: two p3.16xlarge are 16 workers', async () => {
    const hosts = [start(0, 8), start(1, 8)];
    await until(() => hosts.every(({ faked }) => faked().length === 8));
    const workers = hosts.flatMap(({ faked }) => faked()).sort((a, b) => order(a) - order(b));
    assert.deepEqual(
      workers,
      Array.from({ length: 16 }, (_, k) => ({
        worker: `w${k}`,
        incarnation: `uid${Math.floor(k / 8)}/${k % 8}.1`,
        gpu: String(k % 8),
        port: String(7077 + (k % 8)),
      })),
    );
    for (const { lines } of hosts)
      for (const { worker, run, message } of lines) {
        assert.equal(run, 'mnist-1');
        assert.ok(
          !message.startsWith('faked') || message.includes(`"${worker}"`),
          'each line has its worker',
        );
      }
  });

  it('takes the GPUs that were chosen for it, and free ports on the host network', async () => {
    const { faked } = start(0, 2, {}, { CUDA_VISIBLE_DEVICES: 'GPU-aa,GPU-bb', BAGFLEET_PORT: '0' });
    await until(() => faked().length === 2);
    assert.deepEqual(
      faked()
        .map(({ gpu, port }) => `${gpu} ${port}`)
        .sort(),
      ['GPU-aa 0', 'GPU-bb 0'],
    );
  });

  it('starts one that died again, under another name, and leaves the others alone', async () => {
    const { faked, lines } = start(1, 2, { w3: [1, 1, 'stay'] });
    await until(() => faked().length === 4);
    assert.deepEqual(
      faked().flatMap(({ worker, incarnation }) => (worker === 'w3' ? incarnation : [])),
      ['uid1/1.1', 'uid1/1.2', 'uid1/1.3'],
    );
    const ends = lines.flatMap(({ worker, ended, message }) => (ended ? { worker, ended, message } : []));
    assert.deepEqual(
      ends,
      [1, 2].map((start) => ({
        worker: 'w3',
        ended: { process: `uid1/1.${start}`, code: 1, signal: null },
        message: `w3 ended with exit code 1; it is started again in ${start} s`,
      })),
    );
  });

  it('ends with 0 when all have completed the run', async () => {
    const { over } = start(0, 2, { w0: [0], w1: [0] });
    assert.deepEqual(await over, [0, null]);
  });

  it('ends with 143 when all were let go', async () => {
    const { over } = start(0, 2, { w0: [0], w1: [143] });
    assert.deepEqual(await over, [143, null]);
  });

  it('passes SIGTERM on and ends with 143, also while one waits to be started again', async () => {
    const { node, over, lines, faked } = start(0, 3, { w1: [1] });
    await until(() => faked().length >= 3 && lines.some(({ ended }) => ended));
    node.kill('SIGTERM');
    assert.deepEqual(await over, [143, null]);
    const stopped = lines.flatMap(({ worker, ended }) => (ended?.code === 143 ? worker : []));
    assert.ok(stopped.includes('w0') && stopped.includes('w2'), stopped.join());
  });

  it('gives up when all die again and again', async () => {
    const { over } = start(0, 1, { w0: [1, 1, 1] });
    assert.deepEqual(await over, [1, null]);
  });
});

function order({ worker }: Faked): number {
  return Number(worker.slice(1));
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'it did not happen in time');
    await sleep(20);
  }
}
