/**
 * The SDK's client, set up the way this product needs it.
 * In: the job's store options. Out: a client that has not sent anything yet.
 * Credentials come from the SDK's provider chain alone: environment, profile, SSO, web identity, instance.
 */

import { Agent, type AgentOptions } from 'node:https';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { S3Client } from '@aws-sdk/client-s3';
import { BagfleetError } from '@bagfleet/proto/errors';
import { caBundle } from './ca-bundle.js';
import { refusePlainHttp } from './plain-http.js';
import type { StoreAccess } from './store-uri.js';

/** How long S3 is waited for, in milliseconds; attempts are the SDK's, with its growing, jittered pauses. */
export interface S3Patience {
  readonly connectMs: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
  /** One operation with all its attempts. */
  readonly operationMs: number;
  readonly attempts: number;
}

export const USUAL_PATIENCE: S3Patience = {
  connectMs: 5_000,
  idleMs: 20_000,
  operationMs: 300_000,
  attempts: 5,
};

const SOCKETS = 64;

// The SDK is pinned, so its advice on newer Node versions is for its maintainers here, not for users' terminals.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

export function s3Client(options: StoreAccess, patience: S3Patience): S3Client {
  if (options.endpoint !== null) {
    const { protocol, hostname } = new URL(options.endpoint);
    refusePlainHttp(protocol, hostname, options.insecure);
  }
  const client = new S3Client(configuration(options, patience));
  refuseOnTheWire(client, options.insecure);
  return client;
}

function configuration(options: StoreAccess, patience: S3Patience): S3ClientConfig {
  const ownEndpoint =
    options.endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL ?? null;
  return {
    ...(options.endpoint === null ? {} : { endpoint: options.endpoint }),
    ...(options.profile === null ? {} : { profile: options.profile }),
    ...region(options, ownEndpoint !== null),
    forcePathStyle: options.pathStyle ?? ownEndpoint !== null,
    followRegionRedirects: ownEndpoint === null,
    maxAttempts: patience.attempts,
    retryMode: 'standard',
    // The SDK's default wraps uploads in checksum trailers, which some servers store as part of the object,
    // and checks a CRC of every response, which costs a fifth of the throughput. The request's own SHA-256
    // signature covers uploads, and what must not change is verified by digests of ours.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: patience.connectMs,
      socketTimeout: patience.idleMs,
      httpAgent: { keepAlive: true, maxSockets: SOCKETS },
      httpsAgent: httpsAgent(caBundle()),
    },
  };
}

/** An agent of our own where there are certificates: for uploads the SDK would make another one without them. */
function httpsAgent(ca: string | undefined): Agent | AgentOptions {
  const options = { keepAlive: true, maxSockets: SOCKETS };
  return ca === undefined ? options : new Agent({ ...options, ca });
}

/** Servers of one's own seldom care about the region, so it need not be set for them. */
function region(options: StoreAccess, ownEndpoint: boolean): Pick<S3ClientConfig, 'region'> {
  if (options.region !== null) return { region: options.region };
  if (!ownEndpoint) return {};
  let known: Promise<string> | undefined; // the SDK asks anew for each request
  return { region: () => (known ??= configuredRegion(options).catch(() => 'us-east-1')) };
}

/** What environment and profile say. */
async function configuredRegion({ profile }: StoreAccess): Promise<string> {
  const client = new S3Client(profile === null ? {} : { profile });
  try {
    return await client.config.region();
  } finally {
    client.destroy();
  }
}

/** The endpoint may come from environment or profile, or a redirect, so each request is looked at, too. */
function refuseOnTheWire(client: S3Client, insecure: boolean): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { protocol, hostname } = args.request as { protocol?: string; hostname?: string };
      if (protocol === undefined || hostname === undefined)
        throw new BagfleetError('bug', 'a request to S3 without protocol or host');
      refusePlainHttp(protocol, hostname, insecure);
      return next(args);
    },
    { step: 'build', name: 'refusePlainHttp' },
  );
}
