/**
 * How the SDK would ask for an object: its word on endpoint, bucket style, region and credentials is taken over.
 * In: the SDK's client and an object. Out: where requests go and what they hold, or why only the SDK can send them.
 *
 * The SDK makes and signs a whole request; it is caught where it would have been sent.
 */
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';

export interface SdkRequest {
  readonly tls: boolean;
  /** Name or address, without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** The Host header. */
  readonly host: string;
  /** Before the object's own path; ends in `/`. */
  readonly pathPrefix: string;
  /** Of the signature. */
  readonly region: string;
}

interface HttpRequestOfSdk {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

const PROBE = 'object';

class Caught extends Error {
  constructor(readonly request: HttpRequestOfSdk) {
    super('caught before it was sent');
  }
}

/** A text says why the SDK's way of asking can't be taken over. @throws what the SDK throws, e.g. without credentials */
export async function sdkRequest(client: S3Client, bucket: string): Promise<SdkRequest | string> {
  const { protocol, hostname, port, path, headers } = await caught(client, bucket);
  if (headers['x-amz-s3session-token'] !== undefined) return 'S3 Express signs with sessions';
  const scope = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/s3\/aws4_request,/.exec(
    headers.authorization ?? '',
  );
  if (scope?.[1] === undefined) return 'its requests have another signature than Signature Version 4';
  if (!path.endsWith(`/${PROBE}`)) return 'its paths have another form';
  const tls = protocol === 'https:';
  return {
    tls,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port ?? (tls ? 443 : 80),
    host: headers.host ?? (port === undefined ? hostname : `${hostname}:${port}`),
    pathPrefix: path.slice(0, -PROBE.length),
    region: scope[1],
  };
}

async function caught(client: S3Client, bucket: string): Promise<HttpRequestOfSdk> {
  const command = new GetObjectCommand({ Bucket: bucket, Key: PROBE });
  command.middlewareStack.add(() => (args) => Promise.reject(new Caught(args.request as HttpRequestOfSdk)), {
    step: 'deserialize',
    priority: 'low',
    name: 'catchRequest',
  });
  try {
    await client.send(command);
  } catch (thrown) {
    if (thrown instanceof Caught) return thrown.request;
    throw thrown;
  }
  throw new Error('the SDK sent a request past its own middleware');
}
