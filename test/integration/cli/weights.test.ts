/** Weights of other tools come in and go out: state dicts that PyTorch saved predict the same, and leave as they came. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSafetensors } from '@bagfleet/worker/checkpoint/read-safetensors';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { runCli } from '../../support/run-cli.js';
import { tempFolderForAll } from '../../support/temp-folder-for-all.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/state-dicts', import.meta.url));
const EXPECTED = JSON.parse(readFileSync(join(FIXTURES, 'expected.json'), 'utf8')) as {
  features: number[];
  width: number;
  hidden: number;
  attention: number;
  abmil: number;
  clam: number;
};

describe('bagfleet import and checkpoints export', function () {
  this.timeout(60_000);
  const temp = tempFolderForAll();
  const at = (...names: string[]) => join(temp.path, ...names);

  before(async () => {
    const { features, width, hidden, attention } = EXPECTED;
    await mkdir(at('bags'));
    const file = writeNpy(Float32Array.from(features), [features.length / width, width]);
    const bags = ['a', 'b'].map((id, label) => {
      writeFileSync(at('bags', `${id}.npy`), file);
      return { id, key: `bags/${id}.npy`, bytes: file.length, instances: 9, label, split: 'train' };
    });
    const manifest = { schemaVersion: 1, name: 'one', instanceShape: [width], classes: ['no', 'yes'], bags };
    writeFileSync(at('manifest.json'), JSON.stringify(manifest));
    for (const name of ['abmil', 'clam_sb'])
      writeFileSync(
        at(`${name}.json`),
        JSON.stringify({
          data: { manifest: at('manifest.json') },
          model: { name, hidden, attention, gated: true },
        }),
      );
  });

  async function imported(
    weights: string,
    job: string,
    ...more: string[]
  ): Promise<{ folder: string; told: string }> {
    const to = at(`${weights}-${job}`);
    const args = ['import', join(FIXTURES, weights), at(`${job}.json`), '--to', to, ...more];
    const { code, stdout, stderr } = await runCli(args);
    assert.equal(code, 0, stderr);
    return { folder: stdout.trim(), told: stderr };
  }

  async function logitOf(folder: string): Promise<number> {
    const { code, stdout, stderr } = await runCli([
      'predict',
      folder,
      '--on',
      at('manifest.json'),
      '--bags',
      'a',
      '--json',
    ]);
    assert.equal(code, 0, stderr);
    return (JSON.parse(stdout) as { predictions: { logits: number[] }[] }).predictions[0].logits[0];
  }

  it('predicts as PyTorch does, from safetensors, and gives the tensors back as they were', async () => {
    const { folder } = await imported('abmil.safetensors', 'abmil');
    assert.ok(Math.abs((await logitOf(folder)) - EXPECTED.abmil) < 1e-6);
    const { code, stderr } = await runCli(['checkpoints', 'export', folder, '--to', at('out.safetensors')]);
    assert.equal(code, 0, stderr);
    const [ours, theirs] = [at('out.safetensors'), join(FIXTURES, 'abmil.safetensors')].map(
      (file) => readSafetensors(readFileSync(file), file).tensors,
    );
    assert.deepEqual(ours, theirs);
  });

  for (const [weights, remark] of [
    ['abmil-wrapped.pt', /"state_dict".*\n.*"module\." was taken off/],
    ['abmil-double.pt', /float64 became float32/],
  ] as const)
    it(`takes ${weights}, and says what it took off or converted`, async () => {
      const { folder, told } = await imported(weights, 'abmil');
      assert.match(told, remark);
      assert.ok(Math.abs((await logitOf(folder)) - EXPECTED.abmil) < 1e-6);
    });

  it("takes CLAM's own names, and writes them", async () => {
    const { folder } = await imported('clam.pt', 'clam_sb', '--layout', 'clam');
    assert.ok(Math.abs((await logitOf(folder)) - EXPECTED.clam) < 1e-6);
    const out = at('clam.safetensors');
    const { code, stderr } = await runCli(['checkpoints', 'export', folder, '--layout', 'clam', '--to', out]);
    assert.equal(code, 0, stderr);
    assert.ok(readSafetensors(readFileSync(out), out).tensors.has('attention_net.3.attention_c.bias'));
  });

  it('lists everything that does not fit, and leaves nothing behind', async () => {
    const args = ['import', join(FIXTURES, 'abmil.safetensors'), at('clam_sb.json'), '--to', at('nothing')];
    const { code, stderr } = await runCli([...args, '--set', 'model.hidden=7']);
    assert.equal(code, 1);
    assert.match(stderr, /missing: inst_classifiers\.0\.module\.weight, inst_classifiers\.0\.module\.bias/);
    assert.match(stderr, /other shapes: .*feat_ext\.0\.weight is \[5, 6\], the model has \[7, 6\]/);
    assert.equal(existsSync(at('nothing', 'checkpoints')), false);
  });
});
