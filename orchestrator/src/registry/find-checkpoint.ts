/**
 * The checkpoint that a user means.
 * In: `RUN`, `RUN@best`, `RUN@latest`, `RUN@42`, or the folder (path or URI) of a checkpoint or run; where runs
 * lie. Out: a committed checkpoint; whoever found it closes its store.
 * Without a word after the run it is the best one, or the latest of a run that was never validated.
 */
import { BagfleetError, type StoreOptions } from '@bagfleet/proto';
import {
  type LocatedCheckpoint,
  locateByUri,
  locateInRun,
} from '@bagfleet/worker/checkpoint/locate-checkpoint';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { placeFrom } from '../job-file/resolve-paths.js';
import { findRun } from './find-run.js';

export interface CheckpointName {
  /** A run's name, or a folder. */
  readonly place: string;
  readonly isFolder: boolean;
  /** best, latest or a step; null: best, else latest. */
  readonly which: string | null;
}

/** What is written like a path is a folder: with a `/` inside, or beginning with `.` or `~`. */
export function parseCheckpointName(text: string): CheckpointName {
  const parts = /^(.+)@(best|latest|(?:step-)?\d+)$/.exec(text);
  const place = parts?.[1] ?? text;
  return { place, isFolder: /^[.~]|\/./.test(place), which: parts?.[2] ?? null };
}

export async function findCheckpoint(
  text: string,
  stores: StoreOptions,
  workingFolder: string,
): Promise<LocatedCheckpoint> {
  const { place, isFolder, which } = parseCheckpointName(text);
  if (!isFolder) return inNamedRun(place, which, stores);
  const uri = placeFrom(workingFolder, place);
  return which === null ? atFolder(uri, stores) : inRunFolder(uri, which, stores);
}

async function inNamedRun(
  name: string,
  which: string | null,
  stores: StoreOptions,
): Promise<LocatedCheckpoint> {
  return inRunFolder(await folderOfRun(name, stores), which, stores);
}

/** The full URI of the folder of the run that is meant. */
export async function folderOfRun(name: string | undefined, stores: StoreOptions): Promise<string> {
  const runs = await openStore(stores.uri, stores);
  try {
    const { run } = await findRun(runs, name, new Date());
    return `${runs.uri}/${run}`;
  } finally {
    runs.close();
  }
}

/** A checkpoint's own folder or, where there is none, a run's. */
async function atFolder(uri: string, stores: StoreOptions): Promise<LocatedCheckpoint> {
  try {
    return await locateByUri(uri, stores);
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
    return inRunFolder(uri, null, stores).catch((other: unknown) => {
      throw isMissing(other) ? thrown : other;
    });
  }
}

async function inRunFolder(
  uri: string,
  which: string | null,
  stores: StoreOptions,
): Promise<LocatedCheckpoint> {
  const run = await openStore(uri, stores);
  try {
    if (which !== null) return await locateInRun(run, which);
    return await locateInRun(run, 'best').catch((thrown: unknown) => {
      if (!isMissing(thrown)) throw thrown;
      return locateInRun(run, 'latest');
    });
  } catch (thrown) {
    run.close();
    throw thrown;
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof BagfleetError && thrown.code === 'checkpoint-missing';
}
