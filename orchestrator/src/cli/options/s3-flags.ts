/**
 * The flags that say how S3 is reached and how objects are encrypted, under whichever heading a command shows
 * them. In: words of the command line. Out: what the fields of `store` in a job file mean.
 */
import type { Argv } from 'yargs';

export interface S3AccessFlags {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly pathStyle?: boolean | undefined;
  readonly bucketOwner?: string | undefined;
  readonly insecure?: boolean | undefined;
}

export interface EncryptionFlags {
  readonly encryption?: 'none' | 'sse-s3' | undefined;
  readonly kmsKey?: string | undefined;
}

export function withS3Access<T>(parser: Argv<T>, group: string): Argv<T & S3AccessFlags> {
  return parser
    .option('profile', {
      group,
      type: 'string',
      requiresArg: true,
      describe: 'Profile of the AWS credential chain',
    })
    .option('region', { group, type: 'string', requiresArg: true, describe: 'Region of the bucket' })
    .option('endpoint', {
      group,
      type: 'string',
      requiresArg: true,
      describe: 'URL of an S3-compatible server',
    })
    .option('path-style', { group, type: 'boolean', describe: 'Bucket in the path, not in the host name' })
    .option('bucket-owner', {
      group,
      type: 'string',
      requiresArg: true,
      describe: 'Account id that must own the bucket',
    })
    .option('insecure', { group, type: 'boolean', describe: 'Plain http to a host that is not loopback' });
}

/** For commands that write. */
export function withEncryption<T>(parser: Argv<T>, group: string): Argv<T & EncryptionFlags> {
  return parser
    .option('encryption', {
      group,
      choices: ['none', 'sse-s3'] as const,
      describe: 'Server-side encryption of what is written',
    })
    .option('kms-key', {
      group,
      type: 'string',
      requiresArg: true,
      describe: 'Key id for SSE-KMS',
      conflicts: 'encryption',
    }) as unknown as Argv<T & EncryptionFlags>;
}
