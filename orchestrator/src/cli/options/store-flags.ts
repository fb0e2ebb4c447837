/**
 * The flags that say where runs lie, shared by all commands that read or write a store.
 * In: words of the command line. Out: overrides of `store.*`, so that flags and job file mean the same.
 */
import type { StoreOptions } from '@bagfleet/proto';
import type { Argv } from 'yargs';
import type { Override } from '../../job-file/override.js';
import { resolveStore } from '../../job-file/resolve-store.js';

export interface StoreFlags {
  readonly store?: string | undefined;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly pathStyle?: boolean | undefined;
  readonly bucketOwner?: string | undefined;
  readonly encryption?: 'none' | 'sse-s3' | undefined;
  readonly kmsKey?: string | undefined;
  readonly insecure?: boolean | undefined;
}

const GROUP = 'Store:';

export function withStore<T>(parser: Argv<T>): Argv<T & StoreFlags> {
  return parser
    .option('store', {
      group: GROUP,
      type: 'string',
      requiresArg: true,
      describe: 'Folder or s3://bucket/prefix [BAGFLEET_STORE, ./runs]',
    })
    .option('profile', {
      group: GROUP,
      type: 'string',
      requiresArg: true,
      describe: 'Profile of the AWS credential chain',
    })
    .option('region', { group: GROUP, type: 'string', requiresArg: true, describe: 'Region of the bucket' })
    .option('endpoint', {
      group: GROUP,
      type: 'string',
      requiresArg: true,
      describe: 'URL of an S3-compatible server',
    })
    .option('path-style', {
      group: GROUP,
      type: 'boolean',
      describe: 'Bucket in the path, not in the host name',
    })
    .option('bucket-owner', {
      group: GROUP,
      type: 'string',
      requiresArg: true,
      describe: 'Account id that must own the bucket',
    })
    .option('encryption', {
      group: GROUP,
      choices: ['none', 'sse-s3'] as const,
      describe: 'Server-side encryption of what is written',
    })
    .option('kms-key', {
      group: GROUP,
      type: 'string',
      requiresArg: true,
      describe: 'Key id for SSE-KMS',
      conflicts: 'encryption',
    })
    .option('insecure', {
      group: GROUP,
      type: 'boolean',
      describe: 'Plain http to a host that is not loopback',
    });
}

export function storeOverrides(flags: StoreFlags): Override[] {
  const encryption = flags.kmsKey === undefined ? flags.encryption : { kmsKeyId: flags.kmsKey };
  const given: readonly (readonly [string, unknown, string])[] = [
    ['uri', flags.store, '--store'],
    ['profile', flags.profile, '--profile'],
    ['region', flags.region, '--region'],
    ['endpoint', flags.endpoint, '--endpoint'],
    ['pathStyle', flags.pathStyle, '--path-style'],
    ['bucketOwner', flags.bucketOwner, '--bucket-owner'],
    ['encryption', encryption, flags.kmsKey === undefined ? '--encryption' : '--kms-key'],
    ['insecure', flags.insecure, '--insecure'],
  ];
  return given
    .filter(([, value]) => value !== undefined)
    .map(([field, value, origin]) => ({ path: ['store', field], value, origin }));
}

/** The store that these flags name, with BAGFLEET_STORE and the default behind them. */
export function storeOptionsOf(flags: StoreFlags): StoreOptions {
  return resolveStore({
    overrides: storeOverrides(flags),
    workingFolder: process.cwd(),
    defaultStore: process.env.BAGFLEET_STORE,
  });
}
