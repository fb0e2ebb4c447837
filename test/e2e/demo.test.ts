/**
 * README's first command with a seed that nobody chose: one JSON object, a good score, a checkpoint, a picture.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '../support/temp-folder.js';

const CLONE = fileURLToPath(new URL('../../', import.meta.url));
const LEAST_AUC = 0.94;

interface DemoResult {
  readonly auc: number;
  readonly trainBags: number;
  readonly testBags: number;
  readonly testPositives: number;
  readonly workers: number;
  readonly backend: string;
  readonly checkpoint: string;
  readonly sha256: string;
  readonly picture: string;
  readonly seconds: number;
}

describe('npm run demo', function () {
  this.timeout(600_000);
  const temp = tempFolder();
  const seed = randomInt(1, 2 ** 31 - 1);

  it(`learns MNIST-bags with a random seed (${seed})`, async () => {
    const words = ['run', '--silent', 'demo', '--', '--json', '--seed', String(seed), '--store', temp.path];
    const { code, stdout, stderr } = await runNpm(words);
    assert.equal(code, 0, stderr);
    const result = JSON.parse(stdout) as DemoResult;
    console.log(`      seed ${seed}: test AUC ${result.auc} in ${result.seconds} s on ${result.backend}`);
    assert.ok(result.auc >= LEAST_AUC, `AUC ${result.auc}`);
    assert.deepEqual([result.testBags, result.testPositives, result.workers], [1000, 500, 2]);
    assert.ok(result.trainBags >= 200);
    const weights = readFileSync(join(result.checkpoint, 'model.safetensors'));
    assert.equal(createHash('sha256').update(weights).digest('hex'), result.sha256);
    assert.ok(statSync(result.picture).size > 10_000);
  });

  it('refuses words that it does not know, with code 2', async () => {
    const { code, stderr } = await runNpm(['run', '--silent', 'demo', '--', '--worker', '2']);
    assert.equal(code, 2);
    assert.match(stderr, /--worker/);
  });
});

function runNpm(words: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn('npm', words, { cwd: CLONE, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}
