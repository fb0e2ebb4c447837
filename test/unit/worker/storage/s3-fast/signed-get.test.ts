/** Requests are signed as the SDK's own signer signs them. */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { objectPath } from '@bagfleet/worker/storage/s3-fast/object-path';
import { signedGet } from '@bagfleet/worker/storage/s3-fast/signed-get';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';

/** What the SDK's signer wants of a hash. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | Uint8Array) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

const word = fc.stringMatching(/^[A-Za-z0-9/+=]{16,40}$/);
const keyPart = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const someRequest = fc.record({
  key: fc.array(keyPart, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  start: fc.nat(1e9),
  ifMatch: fc.option(fc.stringMatching(/^"[0-9a-f]{32}(-\d+)?"$/), { nil: undefined }),
  owner: fc.option(fc.stringMatching(/^\d{12}$/), { nil: undefined }),
  accessKeyId: fc.stringMatching(/^AKIA[A-Z0-9]{16}$/),
  secretAccessKey: word,
  sessionToken: fc.option(word, { nil: null }),
  region: fc.constantFrom('us-east-1', 'eu-central-2', 'cn-north-1'),
  now: fc.date({ min: new Date(0), max: new Date('2099-12-31'), noInvalidDate: true }),
});

describe('a signed request', () => {
  it('has the very signature of the SDK', async () => {
    await fc.assert(
      fc.asyncProperty(
        someRequest,
        async ({ key, start, ifMatch, owner, region, now, sessionToken, ...keys }) => {
          const credentials = { ...keys, ...(sessionToken === null ? {} : { sessionToken }) };
          const path = `/bucket/${objectPath(key)}`;
          const headers = {
            range: `bytes=${start}-${start + 7}`,
            ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
            ...(owner === undefined ? {} : { 'x-amz-expected-bucket-owner': owner }),
          };
          const host = 'bags.example.org:9000';
          const text = signedGet({ host, path, headers, region }, credentials, now.getTime());
          const signer = new SignatureV4({
            ...{ service: 's3', region, credentials, uriEscapePath: false, sha256: Sha256 as never },
          });
          const signed = (await signer.sign(
            {
              ...{
                method: 'GET',
                protocol: 'https:',
                hostname: 'bags.example.org',
                port: 9000,
                path,
                query: {},
              },
              headers: { host, ...headers },
            } as never,
            { signingDate: now },
          )) as unknown as { headers: Record<string, string> };
          assert.equal(headerOf(text, 'authorization'), signed.headers.authorization);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is the text of an HTTP request', () => {
    const request = { host: 'h', path: '/b/k', headers: { range: 'bytes=0-1' }, region: 'r' };
    const text = signedGet(request, { accessKeyId: 'A', secretAccessKey: 'S' }, 0);
    assert.match(
      text,
      /^GET \/b\/k HTTP\/1\.1\r\nhost: h\r\nrange: bytes=0-1\r\n(?:[a-z0-9-]+: [^\r\n]+\r\n)+\r\n$/,
    );
    assert.equal(headerOf(text, 'x-amz-date'), '19700101T000000Z');
  });
});

describe("an object's path", () => {
  it('keeps slashes and unreserved characters and nothing else', () => {
    assert.equal(objectPath("a b/c!'()*~._-/ü/1+2%"), 'a%20b/c%21%27%28%29%2A~._-/%C3%BC/1%2B2%25');
  });

  it('is the key again when it is decoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) => {
        assert.equal(decodeURIComponent(objectPath(key)), key);
        assert.match(objectPath(key), /^(?:[A-Za-z0-9~._/-]|%[0-9A-F]{2})*$/);
      }),
    );
  });
});

function headerOf(text: string, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}: ([^\\r]*)`).exec(text)?.[1];
}
