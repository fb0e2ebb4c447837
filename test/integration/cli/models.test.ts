import assert from 'node:assert/strict';
import { cp, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertRefused, runBash, runCli } from '../../support/run-cli.js';
import { writeTinyDataset } from '../../support/tiny-dataset.js';

describe('trained models on the command line', function () {
  this.timeout(120_000);
  let folder: string;
  let run: string;
  const cli = (...words: string[]) => runCli(words, { cwd: folder });
  const json = async (...words: string[]) => {
    const { code, stdout, stderr } = await cli(...words, '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bagfleet-cli-'));
    await writeTinyDataset(join(folder, 'data'), { train: [3, 5, 4, 6], val: [2, 3, 4, 5], test: [3, 1, 7] });
    const job =
      'data: { manifest: data/manifest.json }\nmodel: { hidden: 8, attention: 4 }\ntrain: { epochs: 2, batch: 2 }\n';
    await writeFile(join(folder, 'job.yaml'), job);
    run = (await json('submit', 'job.yaml')).run;
  });
  after(() => rm(folder, { recursive: true }));

  it('are listed by their checkpoints', async () => {
    const rows = (await json('checkpoints', 'list')) as {
      step: number;
      whole: boolean;
      isBest: boolean;
      sha256: string;
    }[];
    assert.deepEqual(
      rows.map(({ step, whole }) => [step, whole]),
      [
        [2, true],
        [4, true],
      ],
    );
    assert.equal(rows.filter(({ isBest }) => isBest).length, 1);
    const { stdout } = await cli('checkpoints', 'list', run);
    assert.match(stdout, /^STEP +EPOCH +SCORE/);
    assert.ok(stdout.includes(rows[0].sha256.slice(0, 16)));
  });

  it('score on the validation bags what they scored in training, to the last bit', async () => {
    for (const { step, validation, threshold } of await json('checkpoints', 'list')) {
      const { metrics, ...rest } = await json('evaluate', `${run}@${step}`, '--split', 'val');
      assert.deepEqual(metrics, validation);
      assert.equal(rest.threshold, threshold);
      assert.deepEqual([rest.run, rest.step, rest.split, rest.bags], [run, step, 'val', 4]);
    }
  });

  it('are evaluated on test bags by default, and say on what they ran', async () => {
    const { bags, split, backend, sha256, checkpoint, dataset } = await json('evaluate', 'latest');
    assert.deepEqual([bags, split, dataset.name], [3, 'test', 'tiny']);
    assert.match(backend, /^(tensorflow|wasm) \d/);
    assert.match(sha256, /^[0-9a-f]{64}$/);
    assert.ok(checkpoint.startsWith(join(folder, 'runs', run)));
    const { stdout } = await cli('evaluate', 'latest');
    assert.match(
      stdout,
      /, step \d \(epoch \d\), on 3 test bags of tiny\npositive from [\d.]+ on\n\nMETRIC +VALUE\n/,
    );
  });

  it('draw their curves', async () => {
    assert.equal((await cli('evaluate', 'latest', '--picture', 'roc.png')).code, 0);
    const png = await readFile(join(folder, 'roc.png'));
    assert.equal(png.subarray(1, 4).toString(), 'PNG');
  });

  it('judge bags, all or some, without telling labels', async () => {
    const { predictions } = await json('predict', 'latest', '--bags', 'test-1', 'train-0', '--attention');
    assert.deepEqual(
      predictions.map(({ bag }: { bag: string }) => bag),
      ['test-1', 'train-0'],
    );
    assert.deepEqual(Object.keys(predictions[0]), [
      'bag',
      'predicted',
      'probabilities',
      'logits',
      'attention',
      'instanceLogits',
      'coords',
    ]);
    assert.deepEqual(predictions[0].attention, [1]);
    assert.equal(predictions[1].attention.length, 3);
    assert.equal((await json('predict', 'latest', '--split', 'val')).predictions.length, 4);
    assert.match((await cli('predict', 'latest')).stdout, /^BAG +CALLED +P\(yes\)\ntrain-0 /);
  });

  it('write predictions to a file that is whole or absent', async () => {
    const { out, bags } = await json('predict', 'latest', '--out', 'all.jsonl');
    assert.deepEqual([out, bags], ['all.jsonl', 11]);
    const lines = (await readFile(join(folder, 'all.jsonl'), 'utf8')).trim().split('\n');
    assert.equal(new Set(lines.map((line) => JSON.parse(line).bag)).size, 11);
    const broken = join(folder, 'broken');
    await cp(join(folder, 'data'), broken, { recursive: true });
    await rm(join(broken, 'bags', 'test-2.npy'));
    assertRefused(await cli('predict', 'latest', '--on', 'broken', '--out', 'some.jsonl'), /test-2/);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.includes('some')),
      [],
    );
    assertRefused(
      await cli('predict', 'latest', '--out', 'no/such.jsonl'),
      /^no\/such\.jsonl: can't be written/m,
    );
  });

  it('refuse bags and datasets that they do not know', async () => {
    assertRefused(
      await cli('predict', 'latest', '--bags', 'tets-1'),
      /^bag tets-1: is not in .*\n {2}Did you mean test-1\?/m,
    );
    assertRefused(await cli('predict', 'latest', '--bags', 'a', '--split', 'val'), /exclude each other/);
    await writeTinyDataset(join(folder, 'wide'), { test: [2, 2] }, 5);
    assertRefused(
      await cli('evaluate', 'latest', '--on', 'wide'),
      /instanceShape is \[5\], the model was trained on \[4\]/,
    );
    await writeTinyDataset(join(folder, 'untested'), { train: [2, 2] });
    assertRefused(await cli('evaluate', 'latest', '--on', 'untested'), /no bag of it is in the split test/);
  });

  it('remark that their dataset has changed', async () => {
    const manifest = join(folder, 'data', 'manifest.json');
    const before = await readFile(manifest);
    await writeFile(manifest, `${before}\n`);
    const { code, stderr } = await cli('evaluate', 'latest', '--json');
    await writeFile(manifest, before);
    assert.equal(code, 0);
    assert.match(stderr, /^note: .*manifest\.json has changed since this model was trained\n/m);
  });

  it('are pulled, verified and used from their folder', async () => {
    const { folder: pulled, sha256 } = await json('checkpoints', 'pull', 'latest', '--to', 'pulled');
    assert.equal(pulled, join(folder, 'pulled'));
    assert.deepEqual((await readdir(pulled)).sort(), [
      'manifest.json',
      'model.safetensors',
      'optimizer.safetensors',
    ]);
    assert.equal((await json('evaluate', './pulled')).sha256, sha256);
    const { whole, files } = await json('checkpoints', 'verify', './pulled');
    assert.equal(whole, true);
    assert.equal(files.length, 3);
    assert.match((await cli('checkpoints', 'verify', 'latest')).stdout, /✓ model\.safetensors/);
  });

  it('are refused with a flipped byte, by the name of the file', async () => {
    await json('checkpoints', 'pull', 'latest', '--to', 'flipped');
    const path = join(folder, 'flipped', 'model.safetensors');
    const bytes = await readFile(path);
    bytes[bytes.length - 5] ^= 1;
    const file = await open(path, 'w');
    await file.write(bytes);
    await file.close();
    const verified = await cli('checkpoints', 'verify', './flipped');
    assert.equal(verified.code, 2);
    assert.match(verified.stdout, /✗ model\.safetensors[\s\S]*✓ optimizer\.safetensors/);
    assert.match(verified.stderr, /^\/.*flipped\/model\.safetensors: its sha256 is/);
    assert.equal(JSON.parse((await cli('checkpoints', 'verify', './flipped', '--json')).stdout).whole, false);
    assertRefused(await cli('evaluate', './flipped'), /flipped\/model\.safetensors: its sha256 is/);
  });

  it('say nothing on standard error that nobody asked for', async () => {
    const { code, stdout } = await runBash(
      'bagfleet evaluate latest 2>&1 >/dev/null | cat; bagfleet doctor 2>&1 >/dev/null | cat',
      { cwd: folder },
    );
    assert.equal(code, 0);
    assert.equal(stdout, '');
  });
});
