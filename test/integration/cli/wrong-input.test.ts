import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertRefused, runCli } from '../../support/run-cli.js';
import { writeTinyDataset } from '../../support/tiny-dataset.js';

describe('the command line refuses', function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bagfleet-cli-'));
    await writeTinyDataset(join(folder, 'data'), { train: [3, 5, 4], val: [2, 2], test: [3] });
    await writeFile(join(folder, 'job.yaml'), 'data: { manifest: data/manifest.json }\n');
    await writeFile(join(folder, 'typo.yaml'), 'data: { manifest: data/manifest.json }\ntrain:\n  bach: 8\n');
    await writeFile(join(folder, 'syntax.yaml'), 'data: { manifest: data/manifest.json\ntrain: 3\n');
  });
  after(() => rm(folder, { recursive: true }));

  const cli = (...words: string[]) => runCli(words, { cwd: folder });

  const cases: [string, string[], RegExp][] = [
    ['no command', [], /Commands:[\s\S]*no command was given/],
    ['an unknown command', ['lsit'], /^lsit: there is no such command\n {2}Did you mean list\?/],
    [
      'an unknown command of a group',
      ['data', 'demos'],
      /^data demos: there is no such command\n {2}Did you mean data demo\?/,
    ],
    ['a group alone', ['data'], /^data needs a command/],
    [
      'an unknown flag',
      ['list', '--jsn'],
      /^--jsn: there is no such flag for list\n {2}Did you mean --json\?/,
    ],
    ['a flag without its value', ['list', '--store'], /^--store needs a value/],
    ['a value that is no choice', ['list', '--encryption', 'aes'], /^--encryption must be one of/],
    [
      'flags that exclude each other',
      ['list', '--encryption', 'none', '--kms-key', 'k'],
      /^--kms-key and --encryption exclude each other/,
    ],
    ['an argument too many', ['status', 'a', 'b'], /^"b": status does not take this argument/],
    ['a command without its argument', ['validate'], /^an argument is missing/],
    ['a job file that is not there', ['validate', 'jub.yaml'], /^jub\.yaml: there is no such file/],
    ['a job file that is no YAML', ['validate', 'syntax.yaml'], /^syntax\.yaml:2:\d+: /],
    [
      'a mistyped field',
      ['validate', 'typo.yaml'],
      /^typo\.yaml, field train\.bach: there is no such field\n {2}Did you mean batch\?/,
    ],
    [
      'a mistyped field in --set',
      ['validate', 'job.yaml', '--set', 'train.bach=8'],
      /^--set train\.bach: there is no such field/,
    ],
    [
      '--set without a value',
      ['validate', 'job.yaml', '--set', 'train.batch'],
      /^--set train\.batch: is not of the form/,
    ],
    [
      'a wrong value of a flag',
      ['validate', 'job.yaml', '--epochs', 'many'],
      /^--epochs: must be a whole number ≥ 1, but NaN was given/,
    ],
    [
      'an unknown model',
      ['validate', 'job.yaml', '--set', 'model.name=abmli'],
      /^--set model\.name: there is no model "abmli"\n {2}Did you mean abmil\?/,
    ],
    [
      'a model that takes no such instances',
      ['validate', 'job.yaml', '--set', 'model.name=lenet_abmil'],
      /lenet_abmil takes/,
    ],
    [
      'a manifest that is not there',
      ['validate', 'job.yaml', '--set', 'data.manifest=nowhere.json'],
      /nowhere\.json: there is no dataset manifest/,
    ],
    [
      'a fold that is not there',
      ['plan', 'job.yaml', '--set', 'data.fold=3'],
      /^job field data\.fold: no bag of .* is in fold 3/,
    ],
    [
      'normalisation of another width',
      ['validate', 'job.yaml', '--set', 'data.normalize={ mean: [0, 0], std: [1, 1] }'],
      /data\.normalize/,
    ],
    [
      'parameters that are not there',
      ['validate', 'job.yaml', '--set', 'train.parameterGroups=[{ match: feat_ext }, { match: encoder }]'],
      /^job field train\.parameterGroups\.1\.match: "encoder" matches no parameter of the model\n {2}Its parameters are feat_ext\.0\.weight, /,
    ],
    ['a run that is not there', ['status', 'mnist'], /there are no runs/],
    ['a store that is no address', ['list', '--store', 'ftp://host/x'], /ftp:\/\/ is no store/],
    [
      'plain http to a host that is not loopback',
      ['list', '--store', 's3://bucket/x', '--endpoint', 'http://192.0.2.1:9000'],
      /http/,
    ],
  ];
  for (const [what, words, message] of cases)
    it(what, async () => {
      assertRefused(await cli(...words), message);
    });

  it('a credential, without showing it', async () => {
    const result = await cli('validate', 'job.yaml', '--set', 'store.secretAccessKey=abcdefgh12345678');
    assertRefused(result, /credential/);
    assert.doesNotMatch(result.stderr, /abcdefgh/);
  });

  it('a bag that is cut short, by its name', async () => {
    const broken = join(folder, 'broken');
    const { path } = await writeTinyDataset(broken, { train: [3, 5] });
    await truncate(join(broken, 'bags', 'train-0.npy'), 140);
    assertRefused(await cli('validate', 'job.yaml', '--set', `data.manifest=${path}`), /train-0/);
  });

  it('to overwrite a job file, and leaves it as it was', async () => {
    await writeFile(join(folder, 'mine.yaml'), 'mine\n');
    assertRefused(await cli('init', 'mine.yaml'), /^mine\.yaml: is there already\n {2}.*--force/);
    assertRefused(await cli('init', 'no/such/folder.yaml'), /can't be written \(ENOENT\)/);
    assert.equal((await readdir(folder)).includes('no'), false);
  });

  it('with an object on standard output when --json was asked for', async () => {
    for (const words of [
      ['validate', 'typo.yaml', '--json'],
      ['lsit', '--json'],
      ['status', 'x', '--json'],
    ]) {
      const { code, stdout, stderr } = await cli(...words);
      assert.equal(code, 2);
      const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
      assert.match(error.code, /^(job-invalid|usage|run-missing)$/);
      assert.ok(stderr.includes(error.message));
    }
  });

  it('nothing but leaves no trace', async () => {
    assert.deepEqual((await readdir(folder)).sort(), [
      'broken',
      'data',
      'job.yaml',
      'mine.yaml',
      'syntax.yaml',
      'typo.yaml',
    ]);
  });
});
