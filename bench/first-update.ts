/**
 * How soon training begins when bags are streamed: over a link of 1 Gbit/s, from the fleet being ready to the first
 * applied update, against the time of downloading the whole corpus first (SageMaker's File mode) over the same link.
 *   npm run bench:first-update -- [--bags 400] [--json]
 * The link is narrowed by the kernel where that is possible (data/narrow-loopback.ts), else by a proxy, which takes half a
 * core from the workers.
 * Out: both times, their ratio (bar: 0.1), and how long the first update took from `submit` on.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { EventRow, WorkRow } from '@bagfleet/proto';
import { openLink } from '../test/support/link.js';
import {
  type CorpusBehindLink,
  corpusBehindLink,
  type NarrowLink,
  progress,
  trainOnCorpus,
} from './data/corpus-run.js';
import { inOwnNetwork } from './data/narrow-loopback.js';
import { figure, table } from './recovery/figures.js';

const GIGABIT = 1e9 / 8;
const BAR = 0.1;
const DOWNLOADS_AT_ONCE = 16;
/** What led to the first update. */
const TOLD = ['joined', 'ready', 'generation', 'entered', 'first-update'];
const { values } = parseArgs({
  options: { bags: { type: 'string', default: '400' }, json: { type: 'boolean', default: false } },
});
const slides = Number(values.bags);
if (!Number.isInteger(slides) || slides < 32) throw new Error('--bags takes a whole number from 32');

const narrow = inOwnNetwork();
const narrowedBy = narrow === null ? 'a proxy' : 'the kernel';

const folder = mkdtempSync(join(tmpdir(), 'bagfleet-first-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const machine = { processor: cpus()[0].model, cores: cpus().length, loadBefore: loadavg()[0] };
const behind = await corpusBehindLink({ folder, slides, openLink: link });
try {
  behind.link.narrow(GIGABIT);
  progress(`downloading ${(behind.corpus.bytes / 1e9).toFixed(2)} GB first …`);
  const download = await downloadAll(behind, join(folder, 'downloaded'));
  rmSync(join(folder, 'downloaded'), { recursive: true });
  spawnSync('sync'); // what is still being written to disk is no part of what comes
  progress('training over the same link …');
  const run = await trainOnCorpus(folder, behind, { workers: 2, train: { epochs: 1 } });
  const update = timeOf(run.events, 'first-update');
  for (const { time, event, message } of run.events)
    if (TOLD.includes(event)) progress(`${time} ${event}: ${message}`);
  const streamed = (update - timeOf(run.events, 'generation')) / 1000;
  const first = run.work.filter(({ epoch, step }) => epoch === 1 && step === 1);
  const largest = (of: (row: WorkRow) => number) => Math.max(...first.map(of)) / 1000;
  const figures = {
    downloadSeconds: figure(download),
    readyToFirstUpdateSeconds: figure(streamed),
    ratio: figure(streamed / download, BAR),
    firstStepInstances: figure(sum(first.map((row) => instancesOf(behind, row)))),
    firstStepMsPerThousand: figure(msPerThousand(behind, first)),
    laterMsPerThousand: figure(
      msPerThousand(
        behind,
        run.work.filter(({ step }) => step > 10),
      ),
    ),
    firstStepComputeSeconds: figure(largest((row) => row.computeMs)),
    firstStepWaitedSeconds: figure(largest((row) => row.dataWaitMs)),
    submitToFirstUpdateSeconds: figure((update - run.submitted) / 1000),
  };
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, slides, narrowedBy, figures })}\n`);
  else
    process.stdout.write(
      `${machine.processor}, load ${machine.loadBefore.toFixed(1)}, narrowed by ${narrowedBy}\n${table(figures)}\n`,
    );
} finally {
  await behind.end();
}

async function link(endpoint: string): Promise<NarrowLink> {
  if (narrow === null) return openLink(endpoint, () => ({}));
  return { endpoint, narrow, close: async () => {} };
}

/** Seconds until all bags are files. */
async function downloadAll({ corpus, store }: CorpusBehindLink, into: string): Promise<number> {
  await mkdir(into);
  const started = performance.now();
  const { bags } = corpus.manifest;
  let next = 0;
  const lane = async () => {
    while (next < bags.length) {
      const { id, key, bytes } = bags[next++];
      const content = new Uint8Array(bytes);
      await store.readInto(key, content);
      await writeFile(join(into, id), content);
    }
  };
  await Promise.all(Array.from({ length: DOWNLOADS_AT_ONCE }, lane));
  return (performance.now() - started) / 1000;
}

function instancesOf({ corpus }: CorpusBehindLink, { computed }: WorkRow): number {
  const own = new Set(computed.map(([, bag]) => bag));
  return sum(corpus.manifest.bags.filter(({ id }) => own.has(id)).map(({ instances }) => instances));
}

/** Of a compute thread that has its bags. */
function msPerThousand(behind: CorpusBehindLink, rows: readonly WorkRow[]): number {
  const instances = sum(rows.map((row) => instancesOf(behind, row)));
  return (1000 * sum(rows.map(({ computeMs }) => computeMs))) / instances;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Milliseconds since 1970. */
function timeOf(events: readonly EventRow[], name: string): number {
  const found = events.find(({ event }) => event === name);
  if (!found) throw new Error(`the run has no event ${name}: ${events.map(({ event }) => event).join(', ')}`);
  return Date.parse(found.time);
}
