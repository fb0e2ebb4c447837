/**
 * Bad input never trains: each mistake of the list gets one clear message that names the culprit, exit code 2
 * (1 once the run is under way), no stack trace, and leaves nothing half-written.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { RUN_FILES } from '@bagfleet/proto';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { assertRefused, type CliResult, runCli } from '../support/run-cli.js';
import { tempFolder } from '../support/temp-folder.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import { digestOf, submitJob } from '../support/trained-run.js';

describe('bad input', function () {
  this.timeout(60_000);
  const temp = tempFolder();
  const at = (...parts: string[]) => join(temp.path, ...parts);

  async function submit(
    fields: Readonly<Record<string, unknown>>,
    change: () => void = () => {},
  ): Promise<CliResult> {
    const { path } = await writeTinyDataset(at('data'), { train: [3, 4, 5, 6, 7, 8], val: [4, 5] });
    change();
    writeFileSync(
      at('job.json'),
      JSON.stringify({ data: { manifest: path }, store: { uri: at('runs') }, model: { hidden: 4 } }),
    );
    const sets = Object.entries(fields).flatMap(([key, value]) => [
      '--set',
      `${key}=${JSON.stringify(value)}`,
    ]);
    return runCli(['submit', at('job.json'), ...sets]);
  }

  it('a mistyped field', async () => {
    assertRefused(await submit({ 'train.epoch': 3 }), /train\.epoch.*there is no such field[\s\S]*epochs/);
    assert.throws(() => readdirSync(at('runs')));
  });

  it('an unknown model', async () => {
    assertRefused(await submit({ 'model.name': 'resnet' }), /model\.name[\s\S]*resnet[\s\S]*abmil/);
    assert.throws(() => readdirSync(at('runs')));
  });

  it('a missing label, and a label for no bag', async () => {
    await writeTinyDataset(at('data'), { train: [3, 4, 5] });
    writeFileSync(at('few.csv'), 'id,label\ntrain-0,a\ntrain-1,b\n');
    assertRefused(
      await runCli(['data', 'index', at('data', 'bags'), '--labels', at('few.csv')]),
      /train-2.*label/s,
    );
    writeFileSync(at('many.csv'), 'id,label\ntrain-0,a\ntrain-1,b\ntrain-2,a\ntrain-9,b\n');
    assertRefused(await runCli(['data', 'index', at('data', 'bags'), '--labels', at('many.csv')]), /train-9/);
    assert.deepEqual(
      readdirSync(at('data', 'bags')).filter((name) => !name.endsWith('.npy')),
      [],
    );
  });

  it('a truncated bag file, found while training: exit code 1 or 2, the bag and its file named', async () => {
    const result = await submit({}, () => truncateSync(at('data', 'bags', 'train-5.npy'), 150));
    assert.ok(result.code === 1 || result.code === 2, result.stderr);
    assert.match(result.stderr, /train-5[\s\S]*bags\/train-5\.npy/);
    assert.doesNotMatch(result.stderr, /\n\s+at /);
    const [run] = readdirSync(at('runs'));
    assert.deepEqual(
      readdirSync(at('runs', run)).filter((name) => name.startsWith('checkpoints')),
      [],
    );
    assert.match(readFileSync(at('runs', run, RUN_FILES.status), 'utf8'), /"state": "failed"/);
  });

  it('a bag of another width', async () => {
    const result = await submit({}, () =>
      writeFileSync(at('data', 'bags', 'train-0.npy'), writeNpy(new Float32Array(12), [4, 3])),
    );
    assertRefused(result, /train-0[\s\S]*\(4, 3\)[\s\S]*4/);
  });

  it('a bag that is longer than the manifest says', async () => {
    const result = await submit({}, () =>
      writeFileSync(at('data', 'bags', 'train-0.npy'), writeNpy(new Float32Array(15), [3, 5])),
    );
    assertRefused(result, /bags\/train-0\.npy: it has 188 bytes, the manifest says 176/);
  });

  it('a bag that makes the loss infinite: caught before the update, the bag named, exit code 1', async () => {
    const huge = writeNpy(new Float32Array(8 * 4).fill(3e38), [8, 4]);
    const result = await submit({ 'fleet.workers': 2, 'model.hidden': 512 }, () =>
      writeFileSync(at('data', 'bags', 'train-5.npy'), huge),
    );
    assert.equal(result.code, 1, result.stderr);
    assert.match(result.stderr, /bag train-5: in slot \d its (loss|gradient)/);
    assert.doesNotMatch(result.stderr, /\n\s+at /);
  });

  it('an empty bag', async () => {
    const result = await submit({}, () =>
      writeFileSync(at('data', 'bags', 'train-0.npy'), writeNpy(new Float32Array(0), [0, 4])),
    );
    assertRefused(result, /train-0[\s\S]*no instances/);
  });

  it('a store without permission', async () => {
    if (process.getuid?.() === 0) {
      // Nothing is forbidden to root in a local folder; the S3 contract suite covers a store that denies.
      mkdirSync(at('runs'));
      writeFileSync(at('runs', 'file'), '');
      assertRefused(await submit({ 'store.uri': at('runs', 'file') }), /runs\/file/);
      return;
    }
    mkdirSync(at('locked'));
    chmodSync(at('locked'), 0o500);
    assertRefused(await submit({ 'store.uri': at('locked') }), /locked/);
  });

  it('a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    try {
      const result = await submit({ 'fleet.port': port });
      assert.equal(result.code, 2, result.stderr);
      assert.match(result.stderr, new RegExp(`fleet\\.port[\\s\\S]*${port}`));
    } finally {
      server.close();
    }
  });

  it('a checkpoint with a flipped byte', async () => {
    const { path } = await writeTinyDataset(at('data'), { train: [3, 4, 5, 6], val: [4, 5], test: [3, 3] });
    const run = await submitJob(at('runs'), path, { 'train.epochs': 1, 'model.hidden': 4 });
    assert.equal(run.code, 0, run.stderr);
    const file = join('checkpoints', 'step-000001', 'model.safetensors');
    const before = digestOf(run, file);
    const bytes = readFileSync(join(run.folder, file));
    bytes[bytes.length - 5] ^= 4;
    writeFileSync(join(run.folder, file), bytes);
    assert.notEqual(digestOf(run, file), before);
    assertRefused(await runCli(['evaluate', run.status.run, '--store', at('runs')]), /model\.safetensors/);
    const verified = await runCli(['checkpoints', 'verify', run.status.run, '--store', at('runs')]);
    assert.equal(verified.code, 2);
    assert.match(verified.stdout, /✗ model\.safetensors[\s\S]*✓ optimizer\.safetensors/);
    assertRefused(
      await runCli(['checkpoints', 'pull', run.status.run, '--to', at('pulled'), '--store', at('runs')]),
      /model\.safetensors/,
    );
    assert.throws(() => readdirSync(at('pulled')), 'nothing half-written');
  });
});
