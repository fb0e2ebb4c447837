/**
 * Crons and their nights as the store keeps them.
 * In: the store of runs. Out: checked records; writes that replace only what was read before.
 */
import {
  BagfleetError,
  CRONS,
  type Cron,
  cronFile,
  cronSchema,
  type Night,
  nearestWord,
  nightFile,
  nightSchema,
  nightsFolder,
} from '@bagfleet/proto';
import { canonicalJson } from '@bagfleet/worker/checkpoint/canonical-json';
import { getOrNull } from '@bagfleet/worker/checkpoint/checkpoint-files';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import type { z } from 'zod';
import { eachConcurrently } from '../datasets/each-concurrently.js';

export interface Version<T> {
  readonly value: T;
  readonly etag: string;
}

/** null if there is no cron of this name. */
export function lookUpCron(runs: ObjectStore, name: string): Promise<Version<Cron> | null> {
  return read(runs, cronFile(name), cronSchema);
}

export async function findCron(runs: ObjectStore, name: string): Promise<Version<Cron>> {
  const found = await lookUpCron(runs, name);
  if (found) return found;
  const names = (await listCrons(runs)).map((cron) => cron.name);
  const nearest = nearestWord(name, names);
  throw new BagfleetError('usage', `there is no such cron in ${runs.uri}`, {
    culprit: `cron ${name}`,
    hint:
      names.length === 0
        ? 'Make one with `bagfleet cron apply job.yaml --schedule "0 2 * * *"`.'
        : `${nearest ? `Did you mean ${nearest}? ` : ''}There are: ${names.join(', ')}.`,
  });
}

export async function listCrons(runs: ObjectStore): Promise<Cron[]> {
  const folders = await runs.folders(CRONS);
  const found = await Promise.all(folders.map((folder) => lookUpCron(runs, folder.replace(/\/$/, ''))));
  return found.flatMap((version) => version?.value ?? []);
}

/** `over`: the etag that it replaces, null for none. `store-conflict` when somebody else was faster. */
export async function putCron(runs: ObjectStore, cron: Cron, over: string | null): Promise<void> {
  await put(runs, cronFile(cron.name), cron, over);
}

export function readNight(runs: ObjectStore, cron: string, key: string): Promise<Version<Night> | null> {
  return read(runs, nightFile(cron, key), nightSchema);
}

/** Oldest first. */
export async function listNights(runs: ObjectStore, cron: string): Promise<Night[]> {
  const keys = await nightKeys(runs, cron);
  const told = { label: 'reading nights', progress: () => undefined };
  const found = await eachConcurrently(keys, (key) => read(runs, key, nightSchema), told);
  return found.flatMap((version) => version?.value ?? []);
}

/** null for a cron that has had none. */
export async function lastNight(runs: ObjectStore, cron: string): Promise<Night | null> {
  const key = (await nightKeys(runs, cron)).at(-1);
  return key === undefined ? null : ((await read(runs, key, nightSchema))?.value ?? null);
}

async function nightKeys(runs: ObjectStore, cron: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of runs.list(nightsFolder(cron))) keys.push(key);
  return keys;
}

/** `over`: the etag that it replaces, null for none. Out: the new etag. */
export function putNight(runs: ObjectStore, night: Night, over: string | null): Promise<string> {
  return put(runs, nightFile(night.cron, night.key), night, over);
}

async function put(runs: ObjectStore, key: string, value: unknown, over: string | null): Promise<string> {
  const condition = over === null ? ({ ifAbsent: true } as const) : { ifMatch: over };
  return (await runs.put(key, canonicalJson(value), condition)).etag;
}

async function read<T>(runs: ObjectStore, key: string, schema: z.ZodType<T>): Promise<Version<T> | null> {
  const found = await getOrNull(runs, key);
  if (!found) return null;
  try {
    const value = schema.parse(JSON.parse(new TextDecoder().decode(found.bytes)));
    return { value, etag: found.etag };
  } catch (cause) {
    throw new BagfleetError('store-conflict', 'it is no record of this version of bagfleet', {
      culprit: `${runs.uri}/${key}`,
      hint: 'Use the version that wrote it, or move the file away.',
      cause,
    });
  }
}

/** For files that are named by their digest: what is there already is the same. */
export async function keepUnderDigest(runs: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  await runs.put(key, bytes, { ifAbsent: true }).catch((thrown: unknown) => {
    if (!wasOvertaken(thrown)) throw thrown;
  });
}

/** Whether a put failed because somebody else was faster. */
export function wasOvertaken(thrown: unknown): boolean {
  return codeOf(thrown) === 'store-conflict';
}
