/**
 * A run on several hosts in the layout that SageMaker gives its containers: the same command on each, told apart by
 * two files; they find each other through the run's folder. Here a host is an address of the loopback network.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointFolder } from '@bagfleet/proto';
import { assertRefused, CLI, type CliResult, runCli } from '../support/run-cli.js';
import { tempFolder } from '../support/temp-folder.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';

const HOSTS = ['127.0.0.1', '127.0.0.2'];
const EPOCHS = 3;
const STEPS = 2 * EPOCHS;

describe('a run on two hosts', function () {
  this.timeout(120_000);
  const temp = tempFolder();
  const runs = () => join(temp.path, 'runs');

  async function job(): Promise<string> {
    const { path } = await writeTinyDataset(join(temp.path, 'data'), {
      train: [5, 9, 4, 30, 6, 7],
      val: [5, 6],
    });
    const file = join(temp.path, 'job.json');
    const fields = {
      data: { manifest: path },
      model: { hidden: 8, attention: 4 },
      train: { epochs: EPOCHS, batch: 3 },
    };
    writeFileSync(file, JSON.stringify({ name: 'hosts', ...fields, fleet: { workers: 2 } }));
    return file;
  }

  function startHost(run: string, host: string, hosts: readonly string[] = HOSTS): Promise<CliResult> {
    const folder = join(temp.path, host);
    mkdirSync(folder);
    writeFileSync(join(folder, 'resourceconfig.json'), JSON.stringify({ current_host: host, hosts }));
    writeFileSync(join(folder, 'hyperparameters.json'), JSON.stringify({ run: `"${join(runs(), run)}"` }));
    return runCli(['host', '--sagemaker', folder], { env: { BAGFLEET_TOKEN: 'the same on both' } });
  }

  function modelOf(run: string): string {
    const file = join(runs(), run, `${checkpointFolder(STEPS)}model.safetensors`);
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  }

  it('has the bits of a run on one machine, whichever host comes first', async () => {
    const file = await job();
    const here = await runCli(['submit', file, '--store', runs(), '--json']);
    assert.equal(here.code, 0, here.stderr);
    const submitted = await runCli(['submit', file, '--store', runs(), '--on', 'hosts', '--detach']);
    assert.equal(submitted.code, 0, submitted.stderr);
    const run = submitted.stdout.trim();
    const [second, first] = await Promise.all([startHost(run, HOSTS[1]), startHost(run, HOSTS[0])]);
    for (const { code, stderr, stdout } of [first, second]) assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.match(first.stdout, /host 1 of 2: 1 of the workers/);
    assert.match(second.stdout, /trains as rank [01] of 2/);
    assert.equal(modelOf(run), modelOf((JSON.parse(here.stdout) as { run: string }).run));
    const status = await runCli(['status', run, '--store', runs(), '--json']);
    assert.equal((JSON.parse(status.stdout) as { state: string }).state, 'done');
  });

  it('says what is missing, and refuses a layout that can not be', async () => {
    const submitted = await runCli(['submit', await job(), '--store', runs(), '--on', 'hosts', '--detach']);
    const folder = join(runs(), submitted.stdout.trim());
    const at = ['--index', '0', '--hosts', '1', '--address', '127.0.0.1'];
    assertRefused(await runCli(['host', folder, ...at]), /^BAGFLEET_TOKEN: is not set/);
    const env = { BAGFLEET_TOKEN: 'secret' };
    assertRefused(
      await runCli(['host', folder, ...at], { env }),
      /fleet\.workers: 2 workers don't fit on 1 hosts of 1/,
    );
    assertRefused(await runCli(['host', folder], { env }), /--index, --hosts and --address are needed/);
    assertRefused(
      await runCli(['host', '--sagemaker', temp.path], { env }),
      /resourceconfig\.json: can't be read/,
    );
  });

  it('ends with the code of one that was told to go', async () => {
    const submitted = await runCli(['submit', await job(), '--store', runs(), '--on', 'hosts', '--detach']);
    const folder = join(runs(), submitted.stdout.trim());
    const words = ['host', folder, '--index', '1', '--hosts', '2', '--address', '127.0.0.1'];
    const env = { ...process.env, BAGFLEET_TOKEN: 'secret' };
    const child = spawn(process.execPath, [CLI, ...words], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGTERM'), 2000));
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 143);
  });
});
