/**
 * Where a store lies, from what a user wrote: `s3://bucket/prefix`, `file:///folder`, or a path.
 * In: a URI, the home and the working folder for `~` and relative paths. Out: a bucket and prefix, or a folder.
 */
import { homedir } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { StoreOptions } from '@bagfleet/proto/job-spec';

export type StorePlace =
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string }
  | { readonly kind: 'folder'; readonly path: string };

/** How a store is reached: what the job file says of it besides the address. */
export type StoreAccess = Omit<StoreOptions, 'uri'>;

/** `prefix` has no slash at its ends; `path` is absolute. */
export function parseStoreUri(uri: string): StorePlace {
  if (uri.startsWith('s3://')) return parseS3(uri);
  if (uri.startsWith('file://')) return { kind: 'folder', path: resolve(fileURLToPath(uri)) };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(uri))
    throw wrongUri(uri, `${uri.split(':')[0]}:// is no store that bagfleet knows`);
  if (uri.trim() === '') throw wrongUri(uri, 'it is empty');
  return { kind: 'folder', path: resolve(uri.replace(/^~(?=\/|$)/, () => homedir())) };
}

function parseS3(uri: string): StorePlace {
  const [bucket = '', ...parts] = uri.slice('s3://'.length).split('/');
  if (!/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i.test(bucket))
    throw wrongUri(uri, `"${bucket}" is no name of a bucket`);
  const prefix = parts.join('/').replace(/\/+$/, '');
  const odd = prefix
    .split('/')
    .find((part) => part === '.' || part === '..' || (part === '' && prefix !== ''));
  if (odd !== undefined) throw wrongUri(uri, odd === '' ? 'a part of it is empty' : `it has a part ${odd}`);
  return { kind: 's3', bucket, prefix };
}

/** The canonical spelling of a place: what `ObjectStore.uri` says. */
export function uriOf(place: StorePlace): string {
  if (place.kind === 'folder') return place.path;
  return place.prefix === '' ? `s3://${place.bucket}` : `s3://${place.bucket}/${place.prefix}`;
}

/** An object given by its full URI: the store of its folder, and its key there. */
export function splitUri(uri: string): { store: string; key: string } {
  const place = parseStoreUri(uri);
  if (place.kind === 'folder') {
    if (basename(place.path) === '') throw wrongUri(uri, 'it names no file');
    return { store: dirname(place.path), key: basename(place.path) };
  }
  if (place.prefix === '') throw wrongUri(uri, 'it names a bucket, but no object in it');
  const slash = place.prefix.lastIndexOf('/');
  return {
    store: uriOf({ ...place, prefix: slash < 0 ? '' : place.prefix.slice(0, slash) }),
    key: place.prefix.slice(slash + 1),
  };
}

function wrongUri(uri: string, problem: string): BagfleetError {
  return new BagfleetError('usage', problem, {
    culprit: `store ${JSON.stringify(uri)}`,
    hint: 'Give s3://bucket/prefix or the path of a folder.',
  });
}
