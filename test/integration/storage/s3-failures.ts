/**
 * What goes wrong with S3, on a real server: each failure has its code, names the object and says what to do.
 * In: a running server that has a reader, too. Out: mocha tests.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { S3Store } from '@bagfleet/worker/storage/s3-store';
import type { StoreAccess } from '@bagfleet/worker/storage/store-uri';
import { type S3InTests, setEnvironment } from '../../support/s3-server.js';
import { tempFolder } from '../../support/temp-folder.js';
import { rejectsWith } from './object-store-contract.js';
import { plainOptions } from './store-options.js';

const NO_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  AWS_CONFIG_FILE: '/nonexistent/config',
};
const text = (value: string) => new TextEncoder().encode(value);

export function s3Failures(server: S3InTests): void {
  const folder = tempFolder();
  const open = (uri: string, changes: Partial<StoreAccess> = {}) =>
    openStore(uri, plainOptions({ endpoint: server.endpoint, ...changes }));
  let undo: (() => void)[] = [];
  const environment = (variables: Readonly<Record<string, string | undefined>>) =>
    undo.push(setEnvironment(variables));
  afterEach(() => {
    for (const step of undo.reverse()) step();
    undo = [];
  });

  it('names a bucket that is not there', async () => {
    const store = await open('s3://no-such-bucket/runs');
    await rejectsWith(store.get('a'), 'store-missing', 's3://no-such-bucket');
    await rejectsWith(store.put('a', text('x')), 'store-missing', 's3://no-such-bucket');
    await rejectsWith(store.folders(''), 'store-missing', 's3://no-such-bucket');
    store.close();
  });

  it('refuses writes without the right to write, and leaves nothing', async () => {
    const owner = await open(server.uri);
    await owner.put('shared', text('readable'));
    environment(server.readerEnv);
    const reader = await open(server.uri);
    assert.equal(Buffer.from((await reader.get('shared')).bytes).toString(), 'readable');
    const refused = await rejectsWith(reader.put('mine', text('x')), 'store-denied', `${server.uri}/mine`);
    assert.match(refused.hint ?? '', /s3:PutObject/);
    assert.equal(refused.exitCode, 2);
    await rejectsWith(
      reader.put('mine', text('x'), { ifAbsent: true }),
      'store-denied',
      `${server.uri}/mine`,
    );
    await rejectsWith(reader.delete('shared'), 'store-denied', `${server.uri}/shared`);
    assert.equal(await owner.head('mine'), null);
    owner.close();
    reader.close();
  });

  it('refuses an unknown key and a wrong secret, without showing either', async () => {
    for (const wrong of [{ AWS_ACCESS_KEY_ID: 'nobody' }, { AWS_SECRET_ACCESS_KEY: 'not-the-secret' }]) {
      environment(wrong);
      const store = await open(server.uri);
      const refused = await rejectsWith(store.put('a', text('x')), 'store-denied', `${server.uri}/a`);
      assert.doesNotMatch(refused.describe(), /not-the-secret/);
      await rejectsWith(store.head('a'), 'store-denied');
      store.close();
      undo.pop()?.();
    }
  });

  it('says so when there are no credentials at all', async () => {
    environment(NO_CREDENTIALS);
    const store = await open(server.uri);
    const refused = await rejectsWith(store.get('a'), 'store-denied', `${server.uri}/a`);
    assert.match(refused.message, /no usable credentials/);
    store.close();
  });

  it('takes the credentials of the named profile', async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = server.env;
    const file = join(folder.path, 'credentials');
    const lines = `[lab]\naws_access_key_id=${AWS_ACCESS_KEY_ID}\naws_secret_access_key=${AWS_SECRET_ACCESS_KEY}\n`;
    writeFileSync(file, lines);
    environment({ ...NO_CREDENTIALS, AWS_SHARED_CREDENTIALS_FILE: file });
    const store = await open(server.uri, { profile: 'lab' });
    await store.put('by-profile', text('x'));
    store.close();
    const other = await open(server.uri, { profile: 'home' });
    await rejectsWith(other.put('by-profile', text('x')), 'store-denied');
    other.close();
  });

  it('says that nobody answers', async () => {
    const closed = await listenThenClose();
    const store = await open('s3://bags/runs', { endpoint: closed });
    const failed = await rejectsWith(store.get('a'), 'store-unavailable', 's3://bags/runs/a');
    assert.match(failed.message, new RegExp(`${closed}.*ECONNREFUSED`));
    store.close();
  });

  it('does not wait for ever for a server that accepts and is silent', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const patience = { connectMs: 1_000, idleMs: 200, operationMs: 20_000, attempts: 2 };
    const place = { bucket: 'bags', prefix: '' };
    const store = new S3Store(place, plainOptions({ endpoint }), patience);
    await rejectsWith(store.get('a'), 'store-unavailable', 's3://bags/a');
    const hurried = new S3Store(place, plainOptions({ endpoint }), {
      ...patience,
      idleMs: 20_000,
      operationMs: 300,
    });
    await rejectsWith(hurried.put('a', text('x')), 'store-unavailable', 's3://bags/a');
    for (const each of [store, hurried]) each.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('refuses plain http to another machine before anything is sent', async () => {
    const far = 'http://storage.example:9000';
    await rejectsWith(openStore('s3://bags', plainOptions({ endpoint: far })), 'store-insecure');
    environment({ AWS_ENDPOINT_URL_S3: far });
    const store = await openStore('s3://bags', plainOptions());
    await rejectsWith(store.get('a'), 'store-insecure');
    store.close();
    (await openStore('s3://bags', plainOptions({ endpoint: far, insecure: true }))).close();
  });
}

/** An address on which nobody listens any more. */
async function listenThenClose(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
