/**
 * The flags that say where runs lie, shared by all commands that read or write a store.
 * In: words of the command line. Out: overrides of `store.*`, so that flags and job file mean the same.
 */
import type { StoreOptions } from '@bagfleet/proto';
import type { Argv } from 'yargs';
import type { Override } from '../../job-file/override.js';
import { resolveStore } from '../../job-file/resolve-store.js';
import { type EncryptionFlags, type S3AccessFlags, withEncryption, withS3Access } from './s3-flags.js';

export interface StoreFlags extends S3AccessFlags, EncryptionFlags {
  readonly store?: string | undefined;
}

const GROUP = 'Store:';

export function withStore<T>(parser: Argv<T>): Argv<T & StoreFlags> {
  const placed = parser.option('store', {
    group: GROUP,
    type: 'string',
    requiresArg: true,
    describe: 'Folder or s3://bucket/prefix [BAGFLEET_STORE, ./runs]',
  });
  return withEncryption(withS3Access(placed, GROUP), GROUP);
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
