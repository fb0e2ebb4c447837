/**
 * Taking turns: how several processes change one file without losing each other's writes.
 * In: a draft and the condition under which it may become the file. Out: it is the file, or an error.
 *
 * Whoever wants to change the file `name` renames the folder of its draft to the file's turn folder. That
 * succeeds for one of them only, because a folder that is not empty can't be replaced. The holder of the turn
 * checks its condition and renames the draft, out of the turn folder, onto the file: this one call publishes
 * the new content and ends the turn. A holder that was killed leaves its draft in the turn folder. Whoever has
 * seen the same draft there for `brokenAfterMs` deletes it, by its own name. A holder that was only slow then
 * finds its draft gone, so it can't publish any more and begins anew. So a mistaken judgement about who is
 * dead costs time, never a write: whatever was published had the turn from its check to its rename.
 */
import { createHash } from 'node:crypto';
import { readdir, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { Draft } from './local-draft.js';
import { emptyDraft, writeDraft } from './local-draft.js';
import { errnoOf, orElse } from './local-errors.js';
import { etagOf } from './local-version.js';
import { WORKING_PREFIX } from './object-key.js';
import type { PutCondition } from './object-store.js';
import { conditionFailed } from './store-errors.js';

export interface TurnPatience {
  /** Milliseconds after which a holder that shows no change counts as dead. */
  readonly brokenAfterMs: number;
  /** Milliseconds to wait for a turn in all. */
  readonly giveUpAfterMs: number;
}

export const USUAL_PATIENCE: TurnPatience = { brokenAfterMs: 5_000, giveUpAfterMs: 60_000 };

/** Makes `bytes` the content of `file`, whose folder is there; gives its etag. Throws `store-conflict`, `store-unavailable`. */
export async function publish(
  file: string,
  bytes: Uint8Array,
  condition: PutCondition,
  patience: TurnPatience,
): Promise<string> {
  for (;;) {
    await check(file, condition);
    const draft = await writeDraft(dirname(file), bytes);
    const published = await inTurn(file, draft, condition, patience, async (held) => {
      await rename(held, file);
    });
    if (published) return draft.etag;
  }
}

/** Deletes `file` in its turn. False if it was not there. */
export async function withdraw(file: string, patience: TurnPatience): Promise<boolean> {
  for (;;) {
    if ((await etagNow(file)) === null) return false;
    const token = await emptyDraft(dirname(file));
    const deleted = await inTurn(file, token, {}, patience, async (held) => {
      await orElse(unlink(file), ['ENOENT'], undefined);
      await unlink(held);
    });
    if (deleted) return true;
  }
}

/** Runs `act` on the draft once it has the turn; false if somebody ended the turn before. */
async function inTurn(
  file: string,
  draft: Draft,
  condition: PutCondition,
  patience: TurnPatience,
  act: (held: string) => Promise<void>,
): Promise<boolean> {
  const turn = turnFolder(file);
  const held = join(turn, draft.name);
  try {
    await takeTurn(file, turn, draft, condition, patience);
    await check(file, condition);
    await act(held);
    await removeIfEmpty(turn);
    return true;
  } catch (error) {
    await rm(draft.folder, { recursive: true, force: true });
    await orElse(unlink(held), ['ENOENT'], undefined);
    await removeIfEmpty(turn);
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function takeTurn(
  file: string,
  turn: string,
  draft: Draft,
  condition: PutCondition,
  patience: TurnPatience,
): Promise<void> {
  const begun = performance.now();
  let seen = { holder: '', since: begun };
  for (;;) {
    try {
      await rename(draft.folder, turn);
      return;
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error;
    }
    await check(file, condition); // whoever can't win any more need not wait
    const holder = (await orElse(readdir(turn), ['ENOENT'], []))[0];
    const now = performance.now();
    if (holder === undefined) await removeIfEmpty(turn);
    else if (holder !== seen.holder) seen = { holder, since: now };
    else if (now - seen.since > patience.brokenAfterMs)
      await orElse(unlink(join(turn, holder)), ['ENOENT'], undefined);
    if (now - begun > patience.giveUpAfterMs) throw noTurn(file, now - begun);
    await sleep(1 + Math.random() * 9);
  }
}

/** Beside the file, so that two stores of which one lies within the other take the same turns. */
export function turnFolder(file: string): string {
  const digest = createHash('sha256').update(basename(file)).digest('hex').slice(0, 24);
  return join(dirname(file), `${WORKING_PREFIX}turn-${digest}`);
}

async function check(file: string, condition: PutCondition): Promise<void> {
  if (condition.ifAbsent === undefined && condition.ifMatch === undefined) return;
  const etag = await etagNow(file);
  if (condition.ifAbsent && etag !== null) throw conditionFailed(file, {});
  if (condition.ifMatch !== undefined && etag !== condition.ifMatch) throw conditionFailed(file, condition);
}

async function etagNow(file: string): Promise<string | null> {
  const status = await orElse(stat(file, { bigint: true }), ['ENOENT', 'ENOTDIR'], null);
  return status?.isFile() ? etagOf(status) : null;
}

async function removeIfEmpty(folder: string): Promise<void> {
  await orElse(rmdir(folder), ['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'], undefined);
}

function noTurn(file: string, waitedMs: number): BagfleetError {
  return new BagfleetError(
    'store-unavailable',
    `other processes kept changing it for ${Math.round(waitedMs / 1000)} s`,
    {
      culprit: file,
      hint: 'See which processes write to this folder.',
    },
  );
}
