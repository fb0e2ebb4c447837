/**
 * Fast reads from a server that answers as none should: right bytes or a clear error, and never a hang.
 * Proper servers are in s3-store.test.ts.
 */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { S3Store } from '@bagfleet/worker/storage/s3-store';
import {
  type OddAnswer,
  type OddRequest,
  oddS3Server,
  type ProperAnswer,
} from '../../support/odd-s3-server.js';
import { setEnvironment } from '../../support/s3-server.js';
import { rejectsWith } from './object-store-contract.js';
import { plainOptions } from './store-options.js';

const ETAG = '"0123456789abcdef0123456789abcdef"';
const BYTES = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) >>> 24);
const PATIENCE = { connectMs: 1000, idleMs: 400, operationMs: 15_000, attempts: 4 };
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' };

const cutAfter =
  (bytes: number) =>
  (socket: Socket, { head, body }: ProperAnswer) => {
    socket.write(head);
    socket.write(body.subarray(0, bytes), () => socket.destroy());
  };
const instead = (text: string) => (socket: Socket) => void socket.write(text);
const busy = (more = '') => instead(`HTTP/1.1 503 Slow Down\r\n${more}content-length: 0\r\n\r\n`);

describe('fast reads', () => {
  let server: Awaited<ReturnType<typeof oddS3Server>>;
  let store: S3Store;
  let restore = () => {};
  const warnings: string[] = [];
  const hear = (warning: Error) => void warnings.push(warning.message);

  async function open(
    answerTo: (request: OddRequest, nth: number) => OddAnswer,
    bytes = BYTES,
  ): Promise<void> {
    server = await oddS3Server({ bytes, etag: ETAG }, answerTo);
    const options = plainOptions({ endpoint: server.endpoint });
    store = new S3Store({ bucket: 'bags', prefix: '' }, options, PATIENCE);
  }
  async function assertReads(bytes = BYTES, ifMatch?: string): Promise<void> {
    const into = new Uint8Array(new SharedArrayBuffer(bytes.length));
    const read = await store.readInto('bag', into, ifMatch === undefined ? {} : { ifMatch });
    assert.equal(read.etag, ETAG);
    assert.ok(Buffer.from(into).equals(bytes));
  }
  const bySdk = () => server.asked.filter((request) => request.bySdk).length;
  const ranges = () => server.asked.map(({ range }) => range?.join('-'));

  beforeEach(() => {
    restore = setEnvironment({ ...KEYS, AWS_PROFILE: undefined, AWS_SESSION_TOKEN: undefined });
    warnings.length = 0;
    process.on('warning', hear);
  });
  afterEach(async () => {
    process.off('warning', hear);
    restore();
    store.close();
    await server.close();
  });

  it('use one connection again and again', async () => {
    await open(() => null);
    for (let i = 0; i < 5; i++) await assertReads();
    assert.deepEqual(
      server.asked.map(({ before }) => before),
      [0, 1, 2, 3, 4],
    );
    assert.equal(bySdk(), 0);
  });

  it('ask for the rest of what broke off, of the same version', async () => {
    await open((_, nth) => (nth <= 2 ? cutAfter(100_000) : null));
    await assertReads();
    assert.deepEqual(ranges(), ['0-299999', '100000-299999', '200000-299999']);
    assert.deepEqual(
      server.asked.map(({ ifMatch }) => ifMatch),
      [undefined, ETAG, ETAG],
    );
  });

  it('come again to a server that is busy', async () => {
    await open((_, nth) => (nth <= 2 ? busy(nth === 1 ? 'retry-after: 1\r\n' : '') : null));
    const begun = performance.now();
    await assertReads();
    assert.ok(performance.now() - begun >= 1000, 'after the pause that it asked for');
    assert.equal(server.asked.length, 3);
  });

  it('do not wait for a server that falls silent', async () => {
    await open((_, nth) =>
      nth === 1 ? () => {} : nth === 2 ? (socket, { head }) => void socket.write(head) : null,
    );
    await assertReads();
    assert.equal(server.asked.length, 3);
  });

  it('go on at once when the server has closed an idle connection', async () => {
    await open(() => null);
    await assertReads();
    await server.hangUp();
    await assertReads();
    assert.deepEqual(
      server.asked.map(({ before }) => before),
      [0, 0],
    );
  });

  it('take large objects by several connections, all of one version', async () => {
    const large = Uint8Array.from({ length: 40 << 20 }, (_, i) => (i * 2654435761) >>> 24);
    await open(() => null, large);
    await assertReads(large);
    assert.equal(server.asked.length, 5);
    assert.deepEqual(
      server.asked.map(({ ifMatch }) => ifMatch),
      [undefined, ETAG, ETAG, ETAG, ETAG],
    );
  });

  it('never mix versions', async () => {
    const large = new Uint8Array(40 << 20);
    await open(
      (_, nth) => (nth === 3 ? instead('HTTP/1.1 412 x\r\ncontent-length: 0\r\n\r\n') : null),
      large,
    );
    await rejectsWith(store.readInto('bag', new Uint8Array(40 << 20)), 'store-conflict', 's3://bags/bag');
  });

  const odd: [what: string, answer: NonNullable<OddAnswer>][] = [
    ['no HTTP', instead('SSH-2.0-OpenSSH_9.7\r\n\r\n')],
    ['a head without end', instead(`HTTP/1.1 206 x\r\n${'x: y\r\n'.repeat(4000)}`)],
    [
      'a body in chunks',
      instead(`HTTP/1.1 206 x\r\netag: ${ETAG}\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`),
    ],
    [
      'another range',
      instead(
        `HTTP/1.1 206 x\r\netag: ${ETAG}\r\ncontent-length: 3\r\ncontent-range: bytes 7-9/300000\r\n\r\nabc`,
      ),
    ],
    [
      'no version',
      instead('HTTP/1.1 206 x\r\ncontent-length: 300000\r\ncontent-range: bytes 0-299999/300000\r\n\r\n'),
    ],
    ['a redirect', instead('HTTP/1.1 307 x\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n')],
    ['that it is busy, always', busy()],
  ];
  for (const [what, answer] of odd)
    it(`leave it to the SDK when the answer is ${what}`, async () => {
      await open(({ bySdk: sdk }) => (sdk ? null : answer));
      await assertReads();
      assert.equal(bySdk(), 1);
    });

  it('do not take more than was announced for the next answer', async () => {
    await open(({ bySdk: sdk }, nth) =>
      sdk || nth > 1
        ? null
        : (socket, { head, body }) =>
            void socket.write(Buffer.concat([Buffer.from(head), body, Buffer.from('HTTP/1.1 206 x')])),
    );
    await assertReads();
    await assertReads();
  });

  it('leave all to the SDK, and say so once, when it can do what they can not', async () => {
    await open(({ bySdk: sdk }) => (sdk ? null : instead('HTTP/1.1 400 x\r\ncontent-length: 0\r\n\r\n')));
    for (let i = 0; i < 6; i++) await assertReads();
    assert.equal(server.asked.length - bySdk(), 3);
    await new Promise(setImmediate);
    assert.deepEqual(warnings, [
      's3://bags: objects are read by the AWS SDK, which is slower: the server answers it otherwise than the SDK',
    ]);
  });

  it('tell what the SDK tells when nobody may read', async () => {
    await open(() => instead('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n'));
    await rejectsWith(store.readInto('bag', new Uint8Array(5)), 'store-denied', 's3://bags/bag');
  });

  it('end when the store is closed', async () => {
    await open(() => () => {});
    const read = assert.rejects(store.readInto('bag', new Uint8Array(5)));
    while (server.asked.length === 0) await new Promise(setImmediate);
    store.close();
    await read;
  });
});
