/**
 * `bagfleet data …` as a user types it: real processes, real folders.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { assertRefused, runCli } from '../../support/run-cli.js';
import { tempFolder } from '../../support/temp-folder.js';

const bagfleet = (folder: string, ...words: string[]) =>
  runCli(words, { cwd: folder, env: { COLUMNS: '60', NO_COLOR: '1' } });

async function contentOf(folder: string): Promise<Record<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const digests = files.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return [
      path.slice(folder.length),
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}

describe('bagfleet data', function () {
  this.timeout(60_000);
  const temp = tempFolder();
  let folder: string;
  beforeEach(() => {
    folder = temp.path;
  });

  const few = ['--train-bags', '6', '--val-bags', '4', '--test-bags', '10'];

  it('demo makes MNIST-bags, the same bytes each time, and uses them again', async () => {
    const first = await bagfleet(folder, 'data', 'demo', ...few);
    assert.deepEqual([first.code, first.stderr], [0, '']);
    assert.match(first.stdout, /6 bags to train, 4 to validate, 10 to test \(5 hold a 9\)/);
    const content = await contentOf(join(folder, 'data', 'mnist-bags'));
    assert.equal(Object.keys(content).length, 22);

    const again = await bagfleet(folder, 'data', 'demo', ...few, '--json');
    const report = JSON.parse(again.stdout) as { reused: boolean; manifest: string; testPositives: number };
    assert.deepEqual([report.reused, report.testPositives], [true, 5]);
    assert.equal(report.manifest, join(folder, 'data', 'mnist-bags', 'manifest.json'));

    await bagfleet(folder, 'data', 'demo', ...few, '--to', 'elsewhere');
    assert.deepEqual(await contentOf(join(folder, 'elsewhere')), content);
  });

  it('demo refuses a folder with other things, and numbers that are none', async () => {
    await writeFile(join(folder, 'thesis.tex'), 'x');
    const taken = await bagfleet(folder, 'data', 'demo', '--to', '.');
    assert.equal(taken.code, 2);
    assert.match(taken.stderr, /thesis\.tex/);
    assert.deepEqual(await readdir(folder), ['thesis.tex']);
    const odd = await bagfleet(folder, 'data', 'demo', '--seed', 'seven');
    assert.equal(odd.code, 2);
    assert.match(odd.stderr, /--seed: NaN was given/);
  });

  it('index makes a manifest that inspect reads', async () => {
    await mkdir(join(folder, 'slides', 'b'), { recursive: true });
    for (let i = 0; i < 20; i++)
      await writeFile(
        join(folder, 'slides', i % 2 ? 'b' : '', `s${i}.npy`),
        writeNpy(new Float32Array((i + 1) * 4).fill(i), [i + 1, 4]),
      );
    await cp(join(folder, 'slides', 's0.npy'), join(folder, 'slides', 's99.npy'));
    const rows = [
      ...Array.from({ length: 20 }, (_, i) => `s${i},${i < 10 ? 'normal' : 'tumor'},p${Math.floor(i / 2)}`),
      's99,tumor,p0',
    ];
    await writeFile(join(folder, 'labels.csv'), `slide_id,label,case_id\n${rows.join('\n')}\n`);

    const indexed = await bagfleet(folder, 'data', 'index', 'slides', '--labels', 'labels.csv', '--json');
    assert.equal(indexed.code, 0, indexed.stderr);
    const summary = JSON.parse(indexed.stdout) as {
      name: string;
      bags: number;
      splits: { split: string; bags: number }[];
      classes: string[];
    };
    assert.deepEqual([summary.name, summary.bags, summary.classes], ['slides', 21, ['normal', 'tumor']]);
    assert.deepEqual(
      summary.splits.map(({ split }) => split),
      ['train', 'val', 'test'],
    );

    const seen = await bagfleet(folder, 'data', 'inspect', 'slides');
    assert.equal(seen.code, 0, seen.stderr);
    assert.match(seen.stdout, /^slides: 21 bags, 211 instances of 4/);
    assert.match(seen.stdout, /bags s0, s99 have the same content/);
    assert.ok(
      seen.stdout
        .split('\n')
        .filter((line) => line.includes('█'))
        .every((line) => line.length <= 60),
    );
    const same = await bagfleet(folder, 'data', 'inspect', join(folder, 'slides', 'manifest.json'), '--json');
    assert.equal((JSON.parse(same.stdout) as { instances: number }).instances, 211);
  });

  const mistakes: [
    what: string,
    make: (slides: string) => Promise<void>,
    labels: string,
    code: string,
    says: RegExp,
  ][] = [
    [
      'a missing label',
      async () => {},
      'id,label\na,0\n',
      'label-missing',
      /^bag b, file b\.npy: labels\.csv has no row for it\n/,
    ],
    [
      'a label for no bag',
      async () => {},
      'id,label\na,0\nb,1\nc,1\n',
      'label-orphan',
      /^labels\.csv, line 4: there is no bag c\n/,
    ],
    [
      'an empty bag',
      (slides) => writeFile(join(slides, 'b.npy'), writeNpy(new Float32Array(0), [0, 3])),
      'id,label\na,0\nb,1\n',
      'bag-empty',
      /^bag b, file b\.npy: it has no instances\n/,
    ],
    [
      'a truncated bag',
      async (slides) =>
        writeFile(join(slides, 'b.npy'), (await readFile(join(slides, 'b.npy'))).subarray(0, 140)),
      'id,label\na,0\nb,1\n',
      'bag-truncated',
      /^bag b, file b\.npy: the file has 140 bytes, but its header speaks of 152/,
    ],
    [
      'a bag of another width',
      (slides) => writeFile(join(slides, 'b.npy'), writeNpy(new Float32Array(8), [2, 4])),
      'id,label\na,0\nb,1\n',
      'bag-width',
      /^bag b, file b\.npy: its shape is \(2, 4\)/,
    ],
  ];
  for (const [what, make, labels, code, says] of mistakes)
    it(`index tells of ${what} in one message, exits with 2 and writes nothing`, async () => {
      const slides = join(folder, 'slides');
      await mkdir(slides);
      for (const id of ['a', 'b'])
        await writeFile(join(slides, `${id}.npy`), writeNpy(new Float32Array(6), [2, 3]));
      await make(slides);
      await writeFile(join(folder, 'labels.csv'), labels);
      const before = await contentOf(folder);
      const answer = await bagfleet(folder, 'data', 'index', 'slides', '--labels', 'labels.csv');
      assertRefused(answer, says);
      const json = await bagfleet(folder, 'data', 'index', 'slides', '--labels', 'labels.csv', '--json');
      assert.equal((JSON.parse(json.stdout) as { error: { code: string } }).error.code, code);
      assert.deepEqual(await contentOf(folder), before);
    });

  it('says how to get a dataset where there is none', async () => {
    const answer = await bagfleet(folder, 'data', 'inspect', 'nowhere');
    assertRefused(answer, /nowhere\/manifest\.json: there is no dataset manifest\n.*bagfleet data demo/);
  });
});
