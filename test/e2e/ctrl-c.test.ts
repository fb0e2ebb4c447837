/**
 * Ctrl-C at a real (pseudo-)terminal: it asks, and does what one answers; a second one cancels.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RUN_FILES, type RunStatus } from '@bagfleet/proto';
import { CLI, runCli } from '../support/run-cli.js';
import { tempFolder } from '../support/temp-folder.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import { SKEWED_TRAIN } from '../support/trained-run.js';

const TERMINAL = fileURLToPath(new URL('../support/terminal.py', import.meta.url));
const QUESTION = 'go on following?';

describe('Ctrl-C at a terminal', function () {
  this.timeout(90_000);
  const temp = tempFolder();

  async function submitAtTerminal(
    ...script: string[]
  ): Promise<{ code: number | null; screen: string; run: string }> {
    const { path } = await writeTinyDataset(join(temp.path, 'data'), { train: SKEWED_TRAIN }, 8);
    const job = join(temp.path, 'job.json');
    const runs = join(temp.path, 'runs');
    writeFileSync(
      job,
      JSON.stringify({ data: { manifest: path }, train: { epochs: 10_000 }, store: { uri: runs } }),
    );
    const words = [TERMINAL, ...script, '--', process.execPath, CLI, 'submit', job];
    const child = spawn('python3', words, { stdio: ['ignore', 'pipe', 'inherit'] });
    let screen = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text;
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, screen, run: readdirSync(runs)[0] };
  }

  function statusOf(run: string): RunStatus {
    return JSON.parse(readFileSync(join(temp.path, 'runs', run, RUN_FILES.status), 'utf8')) as RunStatus;
  }

  it('asks, and detaches: the run goes on', async () => {
    const { code, screen, run } = await submitAtTerminal('epoch 1=^C', `${QUESTION}=d^M`);
    assert.equal(code, 0, screen);
    assert.match(screen, /Detached: \S+ goes on/);
    assert.equal(statusOf(run).state, 'running');
    const cancelled = await runCli(['cancel', run, '--store', join(temp.path, 'runs')]);
    assert.equal(cancelled.code, 0, cancelled.stderr);
    assert.equal(statusOf(run).state, 'cancelled');
  });

  it('asks, and goes on following at Enter; then cancels on request', async () => {
    const { code, screen, run } = await submitAtTerminal(
      'epoch 1=^C',
      `${QUESTION}=^M`,
      'epoch=^C',
      `${QUESTION}=c^M`,
    );
    assert.equal(code, 130, screen);
    assert.equal(statusOf(run).state, 'cancelled');
  });

  it('cancels at the second Ctrl-C', async () => {
    const { code, screen, run } = await submitAtTerminal('epoch 1=^C', `${QUESTION}=^C`);
    assert.equal(code, 130, screen);
    assert.equal(statusOf(run).state, 'cancelled');
  });
});
