/**
 * What a coordinator shows and tells outside while it runs: metrics and health over real HTTP, the announcer port.
 * The store is in memory, the core is what the test says.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Coordinator } from '@bagfleet/orchestrator/coordinator/coordinator';
import type { CoreEffect, CoreEvent } from '@bagfleet/orchestrator/coordinator/core/core-types';
import { Vitals } from '@bagfleet/orchestrator/coordinator/vitals/vitals';
import type { RunAnnouncer } from '@bagfleet/orchestrator/launch/announcer';
import type { Launcher } from '@bagfleet/orchestrator/launch/launcher';
import { type DatasetManifest, parseJob, RUN_FILES } from '@bagfleet/proto';
import { freePorts } from '../../../scripts/s3-server/free-ports.mjs';
import { MemoryStore } from '../../support/memory-store.js';
import { statusOf } from '../../support/run-folder.js';

const HOST = '127.0.0.1';
const MANIFEST: DatasetManifest = {
  schemaVersion: 1,
  name: 'd',
  instanceShape: [4],
  classes: ['a', 'b'],
  bags: [{ id: 'b0', key: 'b0.npy', bytes: 1, instances: 5, label: 1, split: 'train' }],
};
const NO_WORKERS = { close: () => undefined, clear: async () => undefined } as unknown as Launcher;

class Notebook implements RunAnnouncer {
  readonly lines: string[] = [];
  status({ state, workers }: { state: string; workers: number }): void {
    this.lines.push(`${state} with ${workers}`);
  }
  happened({ event }: { event: string }): void {
    this.lines.push(event);
  }
  async finish(): Promise<void> {
    this.lines.push('finish');
  }
  close(): void {
    this.lines.push('close');
  }
}

const AT_BEGIN: readonly CoreEffect[] = [
  { kind: 'note', event: 'generation', message: 'generation 1.1 begins with 1 worker (w0)' },
  { kind: 'status', state: 'running', workers: 1, phase: 'training with 1 of 2 workers' },
];

describe('what a coordinator shows', () => {
  let store: MemoryStore;

  beforeEach(() => {
    store = new MemoryStore('memory://runs/r');
  });

  function coordinator(holder: string, port: number, announcer: RunAnnouncer = new Notebook()) {
    return new Coordinator({
      job: parseJob({ data: { manifest: 'm' }, fleet: { workers: 2, leaseTimeout: 0.5 } }, 'test'),
      manifest: MANIFEST,
      runId: 'r',
      store,
      launcher: NO_WORKERS,
      announcer,
      listenAt: { host: HOST, port: 0 },
      vitalsAt: { host: HOST, port },
      apiCalls: () => 17,
      core: {
        initialCore: () => null,
        step: (state: null, { kind }: CoreEvent) => {
          const conclude: CoreEffect = { kind: 'conclude', verdict: { state: 'cancelled', error: null } };
          return { state, effects: kind === 'begin' ? AT_BEGIN : kind === 'interrupt' ? [conclude] : [] };
        },
      },
      token: 't',
      identity: null,
      holder,
      deadHolder: null,
    });
  }

  it('is the run in numbers, and whether it lives and acts', async () => {
    const [port = 0] = await freePorts(1);
    const made = coordinator('a', port);
    const over = made.run();
    await answers(port, '/readyz', 200);
    await store.put(
      RUN_FILES.scale,
      Buffer.from('{"schemaVersion":1,"workers":5,"requestedAt":"2026-01-01T00:00:00Z"}'),
    );
    await until(async () =>
      /bagfleet_workers_wanted\{run="r"\} 5\n/.test((await get(port, '/metrics')).text),
    );
    const { text, type } = await get(port, '/metrics');
    assert.match(type, /^text\/plain; version=0\.0\.4/);
    assert.match(text, /^bagfleet_state\{run="r",state="running"\} 1$/m);
    assert.match(text, /^bagfleet_generations_total\{run="r"\} 1$/m);
    assert.match(text, /^bagfleet_workers_ready\{run="r"\} 1$/m);
    assert.match(text, /^bagfleet_lease_held\{run="r"\} 1$/m);
    assert.match(text, /^bagfleet_api_calls_total\{run="r"\} 17$/m);
    const measured = (name: string) =>
      Number(new RegExp(`^bagfleet_${name}\\{run="r"\\} (\\S+)$`, 'm').exec(text)?.[1]);
    const slowest = measured('slowest_decision_seconds');
    assert.ok(slowest > 0 && slowest <= measured('slowest_turn_seconds'), text);
    assert.ok(measured('decision_seconds_total') >= slowest && measured('decisions_total') >= 2, text);
    assert.deepEqual(await get(port, '/healthz').then(({ code }) => code), 200);
    assert.equal((await get(port, '/other')).code, 404);
    assert.equal((await fetch(`http://${HOST}:${port}/metrics`, { method: 'POST' })).status, 405);
    made.interrupt('SIGTERM');
    await over;
    await assert.rejects(get(port, '/healthz'));
  });

  it('is life without readiness while another coordinator holds the lease, and readiness after that', async () => {
    const [first = 0, second = 0] = await freePorts(2);
    const holder = coordinator('a', first);
    const held = holder.run();
    await answers(first, '/readyz', 200);
    const challenger = coordinator('b', second);
    const waits = challenger.run();
    await answers(second, '/readyz', 503);
    assert.match((await get(second, '/readyz')).text, /does not hold the run's lease/);
    assert.equal((await get(second, '/healthz')).code, 200);
    await holder.handOver();
    assert.equal(await held, null);
    await answers(second, '/readyz', 200);
    challenger.interrupt('SIGTERM');
    await waits;
  });

  it('is nothing, and the run goes on, where its port is taken', async () => {
    const other = createServer((_, response) => void response.end('of somebody else'));
    await new Promise<void>((resolve) => void other.listen(0, HOST, resolve));
    try {
      const { port } = other.address() as AddressInfo;
      const notebook = new Notebook();
      const made = coordinator('a', port, notebook);
      const over = made.run();
      await until(async () => notebook.lines.includes('running with 1'));
      made.interrupt('SIGTERM');
      assert.equal((await over)?.state, 'cancelled');
    } finally {
      other.close();
      other.closeAllConnections();
    }
  });

  it('is told outside as it comes, the end last', async () => {
    const notebook = new Notebook();
    const made = coordinator('a', 0, notebook);
    const over = made.run();
    await until(async () => notebook.lines.length > 0);
    made.interrupt('SIGTERM');
    await over;
    const expected = ['generation', 'running with 1', 'sessions', 'cancelled with 1', 'finish', 'close'];
    assert.deepEqual(notebook.lines, expected);
  });

  it('is told by the next coordinator, if the one that gave the verdict could not', async () => {
    await store.put(RUN_FILES.status, Buffer.from(JSON.stringify(statusOf('r', { state: 'failed' }))));
    const notebook = new Notebook();
    await coordinator('b', 0, notebook).run();
    assert.deepEqual(notebook.lines, ['failed with 2', 'finish', 'close']);
  });
});

describe("a coordinator's life", () => {
  it('is doubted when its clock has not ticked for long, but not before it ticked first', () => {
    const facts = {
      status: statusOf('r'),
      sessionBytes: 0,
      failedWrites: 0,
      isLeaseHeld: true,
      apiCalls: null,
    };
    const vitals = new Vitals(2, () => facts);
    assert.equal(vitals.whyDead(1e9), null);
    vitals.ticked(1000);
    assert.equal(vitals.whyDead(30_000), null);
    assert.match(vitals.whyDead(41_000) ?? '', /not ticked for 40 s/);
    vitals.ticked(41_000);
    assert.equal(vitals.whyDead(41_100), null);
  });
});

async function get(port: number, path: string): Promise<{ code: number; text: string; type: string }> {
  const response = await fetch(`http://${HOST}:${port}${path}`, { signal: AbortSignal.timeout(5000) });
  const type = response.headers.get('content-type') ?? '';
  return { code: response.status, text: await response.text(), type };
}

function answers(port: number, path: string, code: number): Promise<void> {
  return until(async () => (await get(port, path).catch(() => null))?.code === code);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 8000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, 'it did not happen in time');
    await sleep(20);
  }
}
