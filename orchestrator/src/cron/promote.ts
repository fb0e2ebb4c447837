/**
 * The end of a night that trained: the gate, and the tag moved by compare-and-swap.
 * In: what was planned and measured, the cron's nights. Out: promoted or refused, and why, in sentences.
 */
import type { Cron, DatasetManifest, Night, Outcome, ScoredCheckpoint, TagMove } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { currentMove, isSameCheckpoint, moveTag, readTag, type TagVersion } from '../registry/tags.js';
import { wasOvertaken } from './cron-store.js';
import { bestPromoted, judge } from './gate-judge.js';
import { parseGate } from './gate-parse.js';
import { precisionWords } from './gate-precision.js';
import { sizeOf } from './hold-out.js';
import { refWords } from './night-words.js';

export interface Candidacy {
  readonly runs: ObjectStore;
  readonly cron: Cron;
  readonly night: Night;
  /** All nights of the cron. */
  readonly nights: readonly Night[];
  readonly holdOut: DatasetManifest;
  readonly candidate: ScoredCheckpoint;
  readonly production: ScoredCheckpoint | null;
  readonly now: Date;
}

export interface Decision {
  readonly outcome: Extract<Outcome, 'promoted' | 'refused'>;
  readonly why: readonly string[];
}

export async function promoteIfBetter(candidacy: Candidacy): Promise<Decision> {
  const { cron, night, nights, candidate, production } = candidacy;
  const gate = parseGate(cron.gate);
  const { holds, why } = judge(gate, {
    candidate: candidate.metrics,
    production: production?.metrics ?? null,
    best: bestPromoted(nights, night.holdOut),
  });
  const precision = precisionWords(
    gate,
    sizeOf(candidacy.holdOut),
    (metric) => candidate.metrics[metric] ?? null,
  );
  const said = [...why, ...precision];
  if (!holds) return { outcome: 'refused', why: [...said, `the gate does not hold: ${cron.gate}`] };
  const problem = await move(candidacy);
  if (problem !== null) return { outcome: 'refused', why: [...said, problem] };
  return { outcome: 'promoted', why: [...said, `${cron.tag} points at ${refWords(candidate)} now`] };
}

/** null when the tag points at the candidate now; else why it does not. */
async function move({ runs, cron, night, candidate, now }: Candidacy): Promise<string | null> {
  const by = `cron ${cron.name}, night ${night.key}`;
  const found = await readTag(runs, cron.tag);
  if (found && isOwnMove(currentMove(found), candidate, by)) return null; // an attempt before this one came so far
  if (!isAsPlanned(found, night.plan?.production ?? null)) return movedMeanwhile(cron.tag, found);
  try {
    const { run, step, manifestSha256 } = candidate;
    await moveTag(runs, cron.tag, { to: { run, step, manifestSha256 }, by, at: now }, found);
    return null;
  } catch (thrown) {
    if (!wasOvertaken(thrown)) throw thrown;
    const other = await readTag(runs, cron.tag);
    // A move whose answer got lost looks like a conflict, too.
    return other && isOwnMove(currentMove(other), candidate, by) ? null : movedMeanwhile(cron.tag, other);
  }
}

function isOwnMove(move: TagMove, candidate: ScoredCheckpoint, by: string): boolean {
  return move.by === by && isSameCheckpoint(move, candidate);
}

/** Also not moved away and back: what was measured then was measured against something else. */
function isAsPlanned(found: TagVersion | null, planned: TagMove | null): boolean {
  const at = found && currentMove(found);
  if (!at || !planned) return !at && !planned;
  return isSameCheckpoint(at, planned) && at.movedAt === planned.movedAt;
}

function movedMeanwhile(tag: string, found: TagVersion | null): string {
  if (!found) return `${tag} was removed while this night trained: it is left alone`;
  const at = currentMove(found);
  return `${tag} was moved to ${refWords(at)} by ${at.by} at ${at.movedAt}, while this night trained: it is left there`;
}
