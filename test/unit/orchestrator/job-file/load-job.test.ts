import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadJob, resolveJob } from '@bagfleet/orchestrator/job-file/load-job';
import { type Override, parseAssignment } from '@bagfleet/orchestrator/job-file/override';
import { placeFrom } from '@bagfleet/orchestrator/job-file/resolve-paths';
import { resolveStore } from '@bagfleet/orchestrator/job-file/resolve-store';
import { BagfleetError } from '@bagfleet/proto';

const request = { file: 'jobs/night.yaml', overrides: [] as Override[], workingFolder: '/work' };

function refusal(values: unknown, overrides: readonly Override[]): BagfleetError {
  try {
    resolveJob(values, 'night.yaml', { ...request, overrides });
  } catch (thrown) {
    assert.ok(thrown instanceof BagfleetError, String(thrown));
    return thrown;
  }
  return assert.fail('it was accepted');
}

describe('resolve a job', () => {
  it('takes the manifest relative to the job file and the store relative to the working folder', () => {
    const job = resolveJob(
      { data: { manifest: '../data/m.json' }, store: { uri: 'runs' } },
      'night.yaml',
      request,
    );
    assert.equal(job.data.manifest, '/work/data/m.json');
    assert.equal(job.store.uri, '/work/runs');
  });

  it('takes a manifest that was typed relative to the working folder', () => {
    const overrides = [parseAssignment('data.manifest=data/m.json')];
    const job = resolveJob({ data: { manifest: 'other.json' } }, 'night.yaml', { ...request, overrides });
    assert.equal(job.data.manifest, '/work/data/m.json');
    const whole = [parseAssignment('data={ manifest: m.json }')];
    assert.equal(
      resolveJob({}, 'night.yaml', { ...request, overrides: whole }).data.manifest,
      '/work/m.json',
    );
  });

  it('leaves URIs as they are and knows the home folder', () => {
    assert.equal(placeFrom('/work', 's3://bucket/m.json'), 's3://bucket/m.json');
    assert.equal(placeFrom('/work', 'file:///data/m.json'), 'file:///data/m.json');
    assert.equal(placeFrom('/work', '/data/m.json'), '/data/m.json');
    assert.equal(placeFrom('/work', '~/m.json'), join(homedir(), 'm.json'));
    assert.equal(placeFrom('/work', '~m.json'), '/work/~m.json');
  });

  it('prefers a flag to the file, the file to BAGFLEET_STORE, and that to the default', () => {
    const values = { data: { manifest: 'm.json' } };
    const storeOf = (given: object, overrides: Override[], defaultStore?: string) =>
      resolveJob(given, 'night.yaml', { ...request, overrides, defaultStore }).store.uri;
    const flag = [{ path: ['store', 'uri'], value: '/flag', origin: '--store' }];
    assert.equal(storeOf({ ...values, store: { uri: '/file' } }, flag, '/environment'), '/flag');
    assert.equal(storeOf({ ...values, store: { uri: '/file' } }, [], '/environment'), '/file');
    assert.equal(storeOf({ ...values, store: { region: 'eu-west-1' } }, [], '/environment'), '/environment');
    assert.equal(storeOf(values, []), '/work/runs');
    assert.equal(resolveStore({ overrides: flag, workingFolder: '/work' }).uri, '/flag');
    assert.equal(
      resolveStore({ overrides: [], workingFolder: '/work', defaultStore: 'there' }).uri,
      '/work/there',
    );
  });

  it('blames the flag for a wrong value that it brought, the file for its own', () => {
    const values = { data: { manifest: 'm.json' }, seed: -1 };
    assert.equal(
      refusal({ ...values, seed: 1 }, [parseAssignment('train.batch=0')]).culprit,
      '--set train.batch',
    );
    assert.equal(refusal(values, [parseAssignment('train.batch=1')]).culprit, 'night.yaml, field seed');
    const flag = { path: ['fleet', 'workers'], value: Number.NaN, origin: '--workers' };
    assert.equal(refusal({ ...values, seed: 1 }, [flag]).culprit, '--workers');
    const nested = refusal({ ...values, seed: 1 }, [parseAssignment('train={ bach: 3 }')]);
    assert.equal(nested.culprit, '--set train, field train.bach');
    assert.match(nested.hint ?? '', /Did you mean batch/);
  });

  it('never shows a credential, wherever it was written', () => {
    const key = 'AKIAABCDEFGHIJKLMNOP';
    for (const error of [
      refusal({ data: { manifest: 'm' }, store: { accessKeyId: key } }, []),
      refusal({ data: { manifest: 'm' } }, [parseAssignment(`store.profile=${key}`)]),
      refusal({ data: { manifest: 'm' } }, [parseAssignment('store.secretAccessKey=abcdefgh')]),
    ]) {
      assert.equal(error.code, 'job-invalid');
      assert.match(error.message, /credential/);
      assert.doesNotMatch(JSON.stringify(error), /AKIA|abcdefgh/);
    }
  });
});

describe('load a job file', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bagfleet-job-'));
  });
  after(() => rm(folder, { recursive: true }));

  const load = (file: string) => loadJob({ file, overrides: [], workingFolder: folder });
  const code = async (file: string) => {
    const thrown = await load(file).then(
      () => assert.fail('it was accepted'),
      (error: unknown) => error,
    );
    assert.ok(thrown instanceof BagfleetError, String(thrown));
    return thrown;
  };

  it('reads the file that is named', async () => {
    await mkdir(join(folder, 'jobs'));
    await writeFile(join(folder, 'jobs', 'a.yaml'), 'data: { manifest: m.json }\n');
    assert.equal((await load('jobs/a.yaml')).data.manifest, join(folder, 'jobs', 'm.json'));
  });

  it('says what is wrong with a file that is not there, empty, or a folder', async () => {
    assert.match(
      (await code('missing.yaml')).describe(),
      /^missing\.yaml: there is no such file\n.*bagfleet init/,
    );
    await writeFile(join(folder, 'empty.yaml'), '# nothing\n');
    assert.match((await code('empty.yaml')).describe(), /^empty\.yaml: is empty/);
    assert.match((await code('.')).describe(), /is a folder/);
  });
});
