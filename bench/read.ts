/**
 * `npm run bench:read`: reading bags from a real S3 server, beside s3torchconnector on the same server in the same run.
 * In: `--server seaweedfs|versitygw`, `--rounds N`, `--json`. Out: medians of throughput and CPU seconds, and the ratios.
 *
 * Both sides are one process each that lives through all rounds, and take turns. s3torchconnector 1.5.0 needs PyTorch: the
 * environment of scripts/reference/setup_venv.sh, in .venv/torch or where BAGFLEET_TORCH_VENV says.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { startS3Server } from '../scripts/s3-server/start-s3-server.mjs';
import { runCommand } from '../scripts/setup/run-command.mjs';
import { plainOptions } from '../test/integration/storage/store-options.js';
import { makeTempFolder, removeTempFolder } from '../test/support/temp-folder.js';
import { median } from './recovery/figures.js';
import { startSide } from './sides/start-side.js';

const CONNECTOR = ['s3torchconnector==1.5.0', 's3torchconnectorclient==1.5.0'];
const BUCKET = 'bags';
const CASES = [
  { name: '64 × 8 MiB', prefix: 'large', count: 64, bytes: 8 << 20, bar: 0.9 },
  { name: '2,000 × 256 KiB', prefix: 'small', count: 2000, bytes: 256 << 10, bar: 1.2 },
] as const;

interface Row {
  readonly seconds: number;
  readonly cpu: number;
  readonly bytes: number;
}

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: 'versitygw' },
    rounds: { type: 'string', default: '7' },
    'in-flight': { type: 'string', default: '16' },
    json: { type: 'boolean', default: false },
  },
});
const say = (line: string) => void process.stderr.write(`${line}\n`);
const python = await connectorPython();
const folder = makeTempFolder();
const server = await startS3Server({
  server: values.server as 'seaweedfs' | 'versitygw',
  ...{ bucket: BUCKET, folder: join(folder, 's3'), say },
});
const env = { ...process.env, ...server.env, AWS_ENDPOINT_URL: server.endpoint };
Object.assign(process.env, server.env, { AWS_ENDPOINT_URL: server.endpoint });
const sides = {
  theirs: startSide<Row>(python, [script('s3torch.py'), BUCKET, 'us-east-1', values['in-flight']], env),
  ours: startSide<Row>(process.execPath, tsx('ours.ts', 'fast'), env),
  sdk: startSide<Row>(process.execPath, tsx('ours.ts', 'sdk'), env),
};
try {
  await fill();
  const results = [];
  for (const test of CASES) results.push(await compare(test));
  report(results);
} finally {
  for (const side of Object.values(sides)) side.end();
  await server.stop();
  removeTempFolder(folder);
}

async function fill(): Promise<void> {
  const store = await openStore(`s3://${BUCKET}`, plainOptions({}));
  for (const { name, prefix, count, bytes } of CASES) {
    say(`Filling ${server.endpoint} with ${name}`);
    const content = new Uint8Array(bytes).map((_, index) => (index * 2654435761) >>> 24);
    for (let index = 0; index < count; index++) await store.put(`${prefix}/${index}`, content);
  }
  store.close();
}

async function compare(test: (typeof CASES)[number]) {
  const line = `${test.prefix} ${test.count} ${test.bytes}`;
  const rows: Record<keyof typeof sides, Row[]> = { theirs: [], ours: [], sdk: [] };
  for (let round = 0; round <= Number(values.rounds); round++)
    for (const name of Object.keys(sides) as (keyof typeof sides)[]) {
      const row = await sides[name].ask(name === 'theirs' ? `${test.prefix} ${test.count}` : line);
      if (row.bytes !== test.count * test.bytes) throw new Error(`${name} read ${row.bytes} bytes`);
      if (round > 0) rows[name].push(row); // the first round opens connections and warms caches
    }
  const speed = (of: readonly Row[]) => median(of.map(({ bytes, seconds }) => bytes / seconds / 1e6));
  const cpu = (of: readonly Row[]) => median(of.map((row) => row.cpu));
  const figures = Object.entries(rows).map(([side, of]) => ({
    ...{ side, megabytesPerSecond: speed(of), cpuSeconds: cpu(of) },
  }));
  return { ...test, figures, ratio: speed(rows.ours) / speed(rows.theirs) };
}

function report(results: Awaited<ReturnType<typeof compare>>[]): void {
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ server: values.server, results })}\n`);
    return;
  }
  for (const { name, bar, ratio, figures } of results) {
    process.stdout.write(`${name}, ${values.server}: ${ratio.toFixed(2)} of s3torchconnector (bar ${bar})\n`);
    for (const { side, megabytesPerSecond, cpuSeconds } of figures)
      process.stdout.write(
        `  ${side.padEnd(7)} ${megabytesPerSecond.toFixed(0)} MB/s, ${cpuSeconds.toFixed(2)} CPU s\n`,
      );
  }
}

/** The environment's Python, with the connector in it. */
async function connectorPython(): Promise<string> {
  const venv = process.env.BAGFLEET_TORCH_VENV ?? fileURLToPath(new URL('../.venv/torch', import.meta.url));
  const program = join(venv, 'bin', 'python');
  if (!existsSync(program))
    throw new Error(`PyTorch is missing: run \`sh scripts/reference/setup_venv.sh ${venv}\` first`);
  const pip = await runCommand(program, ['-m', 'pip', 'install', '--quiet', '--no-deps', ...CONNECTOR]);
  if (pip.code !== 0) throw new Error(`s3torchconnector could not be installed: ${pip.stderr}`);
  return program;
}

function script(name: string): string {
  return fileURLToPath(new URL(`./read/${name}`, import.meta.url));
}

function tsx(name: string, how: string): string[] {
  return ['--import', 'tsx/esm', script(name), `s3://${BUCKET}`, values['in-flight'], how];
}
