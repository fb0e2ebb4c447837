/**
 * `data index --pseudonymize`: after it, nothing that a run leaves or tells holds a name that was planted in ids, patients
 * and file names, whatever goes wrong; only the manifest's keys and the map do.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { BagfleetError, CounterRng, type DatasetManifest } from '@bagfleet/proto';
import { DiskCache } from '@bagfleet/worker/data/disk-cache/disk-cache';
import { loadManifest } from '@bagfleet/worker/data/load-manifest';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { bagReader } from '@bagfleet/worker/data/read-bag';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { plainOptions } from '../integration/storage/store-options.js';
import { type CliResult, runCli } from '../support/run-cli.js';
import { s3InTests } from '../support/s3-server.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';

/** In the id of each bag and the name of its file; and the patient. */
const PLANTED = 'Mustermänn_Erika';
const PATIENT = 'Roe, Jane';
const FEATURES = 4;
const KEY = '0123456789abcdef0123456789abcdef';
const MODEL = ['--set', 'model.hidden=8', '--set', 'model.attention=4'];

/** As it stands, and as URIs, base64, hex and JSON would have it. */
function disguises(name: string): string[] {
  const bytes = Buffer.from(name);
  const inBase64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  const escaped = JSON.stringify(name)
    .slice(1, -1)
    .replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [name, encodeURIComponent(name), escaped, bytes.toString('hex'), ...inBase64];
}

const TELLING = [...disguises(PLANTED), ...disguises(PATIENT), 'rika', 'Jane'];

function assertSilent(where: string, bytes: Buffer): void {
  for (const text of [bytes.toString('latin1'), bytes.toString('utf8')])
    for (const word of TELLING) assert.ok(!text.includes(word), `${where} holds ${word}`);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('data index --pseudonymize', function () {
  this.timeout(120_000);
  const temp = tempFolderForAll();
  const server = s3InTests();
  const at = (...names: string[]) => join(temp.path, ...names);
  const told: CliResult[] = [];

  function write(folder: string, values: (i: number) => Float32Array): void {
    mkdirSync(folder, { recursive: true });
    const rows = ['slide_id,label,case_id,split'];
    for (let i = 0; i < 12; i++) {
      const name = `${PLANTED}_${i}`;
      const split = i < 6 ? 'train' : i < 9 ? 'val' : 'test';
      rows.push(`${name},${i % 2 ? 'yes' : 'no'},"${PATIENT} ${i}",${split}`);
      const bag = values(i);
      writeFileSync(join(folder, `${name}.npy`), writeNpy(bag, [bag.length / FEATURES, FEATURES]));
    }
    writeFileSync(at('labels.csv'), `${rows.join('\n')}\n`);
  }

  async function command(...words: string[]): Promise<CliResult> {
    const result = await runCli(words, { env: { BAGFLEET_LOG_FORMAT: 'json', BAGFLEET_STORE: at('runs') } });
    told.push(result);
    return result;
  }

  const index = (folder: string, ...words: string[]) =>
    runCli(['data', 'index', folder, '--labels', at('labels.csv'), ...words]);

  before(async () => {
    write(at('data'), (i) => Float32Array.from(new CounterRng(1, [i]).normal((5 + i) * FEATURES)));
    writeFileSync(at('key'), KEY, { mode: 0o600 });
    const indexed = await index(at('data'), '--pseudonymize', at('key'), '--map', at('map.csv'));
    assert.equal(indexed.code, 0, indexed.stderr);
    assertSilent('what index says', Buffer.from(indexed.stdout + indexed.stderr));
  });

  it('gives pseudonyms that the map explains, for its owner only, and the same ones again', async () => {
    const manifest = JSON.parse(readFileSync(at('data/manifest.json'), 'utf8')) as DatasetManifest;
    const { bags } = manifest;
    assert.equal(manifest.pseudonymized, true);
    assert.ok(bags.every(({ id }) => /^b-[0-9a-f]{16}$/.test(id)));
    assert.ok(bags.every(({ patient }) => /^p-[0-9a-f]{16}$/.test(patient ?? '')));
    const map = readFileSync(at('map.csv'), 'utf8');
    assert.equal(map.split('\n').length, 1 + 24 + 1);
    assert.ok(map.includes(`bag,${bags[0].id},${bags[0].key.replace('.npy', '')}\n`));
    assert.ok(map.includes(`patient,${bags[0].patient},"${PATIENT} `));
    assert.equal(statSync(at('map.csv')).mode & 0o777, 0o600);
    const again = await index(at('data'), '--pseudonymize', at('key'), '--map', at('map.csv'));
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(JSON.parse(readFileSync(at('data/manifest.json'), 'utf8')), manifest);
    assert.equal(readFileSync(at('map.csv'), 'utf8'), map);
  });

  it('is silent in all that a run leaves and tells, and in what is asked of it later', async () => {
    const train = ['--set', 'train.epochs=2', '--set', 'train.batch=3', '--workers', '2', ...MODEL];
    writeFileSync(
      at('job.json'),
      JSON.stringify({ name: 'quiet', data: { manifest: 'data/manifest.json' } }),
    );
    const submit = await command('submit', at('job.json'), '--json', ...train);
    assert.equal(submit.code, 0, submit.stderr);
    const pseudonym = /b-[0-9a-f]{16}/;
    const commands: [string, ...string[]][] = [
      ['status', 'latest'],
      ['logs', 'latest'],
      ['audit', 'latest', '--json'],
      ['evaluate', 'latest', '--json', '--picture', at('curves.png')],
      ['predict', 'latest', '--split', 'test', '--json'],
      ['plan', at('job.json'), '--costs', 'latest'],
      ['data', 'inspect', at('data'), '--deep'],
      ['validate', at('job.json')],
    ];
    for (const words of commands) {
      const { code, stdout, stderr } = await command(...words);
      assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
      if (words[0] === 'predict') assert.match(stdout, pseudonym);
      if (words[1] === 'inspect') assert.doesNotMatch(stdout, /warning.*id-telling/s);
    }
  });

  it('is silent in errors, which name the bag', async () => {
    const spoilt = at('spoilt');
    write(spoilt, (i) => Float32Array.from(new CounterRng(1, [i]).normal((5 + i) * FEATURES)));
    const indexed = await index(spoilt, '--pseudonymize', at('key'), '--map', at('map.csv'));
    assert.equal(indexed.code, 0, indexed.stderr);
    const nan = new Float32Array(9 * FEATURES).fill(Number.NaN);
    const faults: [string, () => void, RegExp][] = [
      [
        'not finite',
        () => writeFileSync(join(spoilt, `${PLANTED}_4.npy`), writeNpy(nan, [9, FEATURES])),
        /holds NaN/,
      ],
      [
        'damaged',
        () => writeFileSync(join(spoilt, `${PLANTED}_4.npy`), Buffer.alloc(208, 7)),
        /b-[0-9a-f]{16}/,
      ],
      ['gone', () => rmSync(join(spoilt, `${PLANTED}_4.npy`)), /b-[0-9a-f]{16}/],
    ];
    for (const [fault, make, message] of faults) {
      make();
      writeFileSync(
        at('job2.json'),
        JSON.stringify({ name: 'loud', data: { manifest: 'spoilt/manifest.json' } }),
      );
      const run = await command('submit', at('job2.json'), ...MODEL, '--set', 'train.epochs=1');
      assert.notEqual(run.code, 0, fault);
      assert.match(run.stderr, message, fault);
      const inspected = await command('data', 'inspect', spoilt, '--deep', '--json');
      assert.match(inspected.stdout, /b-[0-9a-f]{16}/, fault);
    }
  });

  it('is silent on S3, in what is cached and in errors that carry addresses', async () => {
    const options = plainOptions({ endpoint: server.endpoint });
    const uri = `${server.uri}/slides`;
    const direct = await openStore(uri, options);
    const { bags, ...head } = JSON.parse(readFileSync(at('data/manifest.json'), 'utf8')) as DatasetManifest;
    const kept = bags.slice(0, 2).map((bag) => ({ ...bag, key: `${PLANTED} & co/${bag.key}` }));
    for (const [i, { key }] of kept.entries()) {
      const { etag } = await direct.put(key, readFileSync(at('data', bags[i].key)));
      kept[i].etag = etag;
    }
    await direct.put('manifest.json', Buffer.from(JSON.stringify({ ...head, bags: kept })));
    const dataset = await loadManifest(uri, (place) => openStore(place, options));
    const cache = new DiskCache({ folder: at('cache'), limit: 2 ** 30, place: uri });
    const reader = bagReader({ store: dataset.store, instanceShape: [FEATURES], cache });
    const [first, second] = dataset.manifest.bags;
    assert.equal((await reader.read(first)).instances, first.instances);
    await cache.settled();
    const files = filesBelow(at('cache'));
    assert.ok(files.length > 0);
    for (const file of files) assertSilent(file, Buffer.concat([Buffer.from(file), readFileSync(file)]));

    await direct.put(kept[1].key, Buffer.alloc(99));
    const changed = await reader.read(second).catch((thrown: BagfleetError) => thrown);
    await direct.delete(kept[1].key);
    const gone = await reader.read(second).catch((thrown: BagfleetError) => thrown);
    for (const error of [changed, gone]) {
      assert.ok(error instanceof BagfleetError);
      assertSilent('an error', Buffer.from(inspect(error, { depth: 9 })));
      assert.ok(inspect(error).includes(second.id));
    }
    direct.close();
    dataset.store.close();
  });

  it('was silent in everything so far', () => {
    assert.ok(told.length > 12);
    for (const { stdout, stderr } of told) assertSilent('the terminal', Buffer.from(stdout + stderr));
    const left = [...filesBelow(at('runs')), at('curves.png')];
    assert.ok(left.length > 20);
    for (const file of left) assertSilent(file, Buffer.concat([Buffer.from(file), readFileSync(file)]));
  });

  it('refuses keys that are no secret, and a map beside the data', async () => {
    const refused = async (words: readonly string[], message: RegExp) => {
      const { code, stderr } = await index(at('data'), ...words);
      assert.equal(code, 2);
      assert.match(stderr, message);
    };
    writeFileSync(at('short'), 'secret', { mode: 0o600 });
    writeFileSync(at('open'), KEY);
    chmodSync(at('open'), 0o644);
    const map = ['--map', at('map.csv')];
    await refused(['--pseudonymize', at('nowhere'), ...map], /ENOENT.*\n.*openssl rand/);
    await refused(['--pseudonymize', at('short'), ...map], /it has 6 bytes, 16 are the least/);
    await refused(['--pseudonymize', at('open'), ...map], /others may read it\n.*chmod 600/);
    await refused(['--pseudonymize', at('key'), '--map', at('data/map.csv')], /in the dataset's folder/);
    await refused(['--pseudonymize', at('key'), '--map', at('labels.csv')], /no map of pseudonyms/);
    await refused(['--pseudonymize', at('key')], /map/);
  });
});
