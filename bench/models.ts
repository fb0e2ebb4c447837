/**
 * `npm run bench:models`: forward and backward of one bag beside PyTorch and torchmil, one thread each.
 * In: `--rounds N`, `--json`. Out: medians of wall and CPU seconds per case, and our share of PyTorch's time.
 *
 * Both sides are one process that lives through all rounds, and take turns. PyTorch comes from .venv/torch, or where
 * BAGFLEET_TORCH_VENV says; the environment is made where it is missing (scripts/reference/setup_venv.sh).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runCommand } from '../scripts/setup/run-command.mjs';
import { median } from './recovery/figures.js';
import { startSide } from './sides/start-side.js';

/** What torchmil needs to be imported. */
const TORCHMIL = [
  ...['torchmil==1.0.2', 'tensordict==0.12.0', 'einops==0.8.2', 'torchmetrics==1.9.0', 'scipy==1.17.0'],
  ...[
    'lightning-utilities==0.15.3',
    'packaging==26.4',
    'tqdm==4.70.1',
    'pyvers==0.2.3',
    'cloudpickle==3.1.3',
  ],
  ...['orjson==3.13.0', 'importlib_metadata==10.2.0', 'zipp==4.1.2', 'h5py==3.16.0', 'pandas==3.1.1'],
  ...['python-dateutil==4.0.0', 'pytz==2026.6', 'tzdata==2026.6', 'six==1.17.0'],
];
const BARS = { abmil: 0.8, panda: 0.8, clam_sb: 1, transmil: 1 } as const;
const REFERENCE = fileURLToPath(new URL('../scripts/reference', import.meta.url));

interface Timed {
  readonly seconds: number;
  readonly cpu: number;
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, json: { type: 'boolean', default: false } },
});
const python = await pythonWithTorchmil();
const theirs = startSide<Timed>(python, [script('models_torch.py'), REFERENCE]);
const ours = startSide<Timed>(process.execPath, ['--import', 'tsx/esm', script('ours.ts')]);
try {
  const results = [];
  for (const name of Object.keys(BARS) as (keyof typeof BARS)[]) results.push(await compare(name));
  if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  else for (const result of results) process.stdout.write(`${sentence(result)}\n`);
} finally {
  theirs.end();
  ours.end();
}

async function compare(name: keyof typeof BARS) {
  const rows = {
    ours: [] as number[],
    theirs: [] as number[],
    oursCpu: [] as number[],
    theirsCpu: [] as number[],
  };
  for (let round = 0; round <= Number(values.rounds); round++) {
    const [mine, other] = [await ours.ask(name), await theirs.ask(name)];
    if (round === 0) continue; // the first makes the model and warms up
    rows.ours.push(mine.seconds);
    rows.theirs.push(other.seconds);
    rows.oursCpu.push(mine.cpu);
    rows.theirsCpu.push(other.cpu);
  }
  const [mine, other] = [median(rows.ours), median(rows.theirs)];
  return {
    ...{ name, bar: BARS[name], share: mine / other, ours: mine, theirs: other },
    ...{ oursCpu: median(rows.oursCpu), theirsCpu: median(rows.theirsCpu) },
  };
}

function sentence({
  name,
  bar,
  share,
  ours: mine,
  theirs: other,
  oursCpu,
  theirsCpu,
}: Awaited<ReturnType<typeof compare>>): string {
  const ms = (seconds: number) => `${(seconds * 1000).toFixed(0)} ms`;
  return `${name.padEnd(9)} ${share.toFixed(2)} of PyTorch's time (bar ${bar}): ${ms(mine)} (CPU ${ms(oursCpu)}) against ${ms(other)} (CPU ${ms(theirsCpu)})`;
}

async function pythonWithTorchmil(): Promise<string> {
  const venv = process.env.BAGFLEET_TORCH_VENV ?? fileURLToPath(new URL('../.venv/torch', import.meta.url));
  const program = join(venv, 'bin', 'python');
  if (!existsSync(program)) await demand('sh', [join(REFERENCE, 'setup_venv.sh'), venv]);
  const there = await runCommand(program, ['-c', 'import torchmil.models']);
  if (there.code !== 0) await demand(program, ['-m', 'pip', 'install', '--quiet', '--no-deps', ...TORCHMIL]);
  return program;
}

async function demand(program: string, args: string[]): Promise<void> {
  process.stderr.write(`${program} ${args.slice(0, 4).join(' ')} …\n`);
  const { code, stderr } = await runCommand(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

function script(name: string): string {
  return fileURLToPath(new URL(`./models/${name}`, import.meta.url));
}
