/**
 * How long the compute threads of two workers wait for bags: a corpus of slides in a real S3 server, a link that adds
 * 20 ms to each first byte, gated ABMIL at its normal step time.
 *   npm run bench:data -- [--bags 400] [--json]
 * Out: per epoch and worker the share of its time in which the thread had nothing to do because a bag was not there.
 * The bars: less than 5 % of the first epoch, less than 1 % of the second, which comes from the cache. Exit code 0
 * whether they hold or not. Some four minutes and 8 GB of disk; nothing else should run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openLink } from '../test/support/link.js';
import type { CorpusRun } from './data/corpus-run.js';
import { corpusBehindLink, progress, trainOnCorpus } from './data/corpus-run.js';
import { type Figures, figure, table } from './recovery/figures.js';

const BARS = [0.05, 0.01];
const FIRST_BYTE_MS = 20;
const { values } = parseArgs({
  options: { bags: { type: 'string', default: '400' }, json: { type: 'boolean', default: false } },
});
const slides = Number(values.bags);
if (!Number.isInteger(slides) || slides < 32) throw new Error('--bags takes a whole number from 32');

const folder = mkdtempSync(join(tmpdir(), 'bagfleet-data-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const machine = { processor: cpus()[0].model, cores: cpus().length, loadBefore: loadavg()[0] };
const behind = await corpusBehindLink({
  folder,
  slides,
  openLink: (endpoint) => openLink(endpoint, () => ({ delayMs: FIRST_BYTE_MS })),
});
try {
  progress(`${slides} slides, ${(behind.corpus.bytes / 1e9).toFixed(2)} GB; training …`);
  const data = { cacheMiB: 0, diskCache: { folder: join(folder, 'cache'), gibibytes: 20 } };
  const run = await trainOnCorpus(folder, behind, { workers: 2, data });
  const figures = figuresOf(run);
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, slides, figures })}\n`);
  else
    process.stdout.write(`${machine.processor}, load ${machine.loadBefore.toFixed(1)}\n${table(figures)}\n`);
} finally {
  await behind.end();
}

function figuresOf({ epochs, work }: CorpusRun): Figures {
  const entries = epochs.flatMap(({ epoch, seconds }) => {
    const own = work.filter((row) => row.epoch === epoch);
    const shares = ['w0', 'w1'].map((worker): [string, number] => {
      const rows = own.filter((row) => row.worker === worker);
      return [worker, rows.reduce((sum, row) => sum + row.dataWaitMs, 0) / 1000 / seconds];
    });
    const all = shares.reduce((sum, [, share]) => sum + share, 0) / shares.length;
    return [
      [`epoch${epoch}Seconds`, figure(seconds)] as const,
      ...shares.map(([worker, share]) => [`epoch${epoch}Waited.${worker}`, figure(share)] as const),
      [`epoch${epoch}Waited`, figure(all, BARS[epoch - 1] ?? null)] as const,
    ];
  });
  return Object.fromEntries(entries);
}
