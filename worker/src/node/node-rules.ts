/**
 * What a node process does when one of its workers ends. Pure.
 * In: how its workers stand, an end. Out: the same after it, and what follows: that worker once more after a pause, or
 * the end of the node itself, or nothing.
 *
 * A worker that ended with 0 has completed the run; with 143 it was let go, and another one may be wanted in its place.
 * When all have died several times in a row the node gives up: Kubernetes may find a better place, and pauses longer.
 */

export const TOLD_TO_GO = 143;
const GAVE_UP = 1;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** At the end of a run, or when it is scaled down, the whole node is about to be told. */
const LET_GO_PAUSE_MS = 5000;
const HOPELESS_DEATHS = 3;
/** Who lived for so long begins to count anew. */
const PROVEN_MS = 300_000;

export interface WorkerStanding {
  readonly is: 'alive' | 'complete' | 'let-go' | 'dead';
  /** In a row. */
  readonly deaths: number;
}

export interface NodeStanding {
  readonly workers: readonly WorkerStanding[];
  /** It was told to go itself. */
  readonly stopping: boolean;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

export type Consequence =
  | { readonly kind: 'restart'; readonly pauseMs: number }
  | { readonly kind: 'leave'; readonly code: number }
  | { readonly kind: 'nothing' };

export function newNode(workers: number): NodeStanding {
  return { workers: Array.from({ length: workers }, () => ({ is: 'alive', deaths: 0 })), stopping: false };
}

export function begun(node: NodeStanding, worker: number): NodeStanding {
  return withWorker(node, worker, { ...node.workers[worker], is: 'alive' });
}

/** SIGTERM came. */
export function told(node: NodeStanding): [NodeStanding, Consequence] {
  const stopping = { ...node, stopping: true };
  return [stopping, endOf(stopping) ?? { kind: 'nothing' }];
}

export function ended(
  node: NodeStanding,
  worker: number,
  { code }: ProcessEnd,
  livedMs: number,
): [NodeStanding, Consequence] {
  const after = withWorker(node, worker, standingAfter(node.workers[worker], code, livedMs));
  return [after, endOf(after) ?? next(after, worker)];
}

function standingAfter(before: WorkerStanding, code: number | null, livedMs: number): WorkerStanding {
  if (code === 0) return { is: 'complete', deaths: 0 };
  if (code === TOLD_TO_GO) return { is: 'let-go', deaths: 0 };
  return { is: 'dead', deaths: livedMs >= PROVEN_MS ? 1 : before.deaths + 1 };
}

/** Of the node; null while it has something to do. */
function endOf({ workers, stopping }: NodeStanding): Consequence | null {
  if (workers.some((worker) => worker.is === 'alive')) return null;
  if (workers.every((worker) => worker.is === 'complete')) return { kind: 'leave', code: 0 };
  if (stopping) return { kind: 'leave', code: TOLD_TO_GO };
  const dead = workers.filter((worker) => worker.is === 'dead');
  if (dead.some((worker) => worker.deaths < HOPELESS_DEATHS)) return null;
  return { kind: 'leave', code: dead.length === 0 ? TOLD_TO_GO : GAVE_UP };
}

function next({ workers, stopping }: NodeStanding, worker: number): Consequence {
  const { is, deaths } = workers[worker];
  if (stopping || is === 'complete') return { kind: 'nothing' };
  if (is === 'let-go') return { kind: 'restart', pauseMs: LET_GO_PAUSE_MS };
  return { kind: 'restart', pauseMs: Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (deaths - 1)) };
}

function withWorker(node: NodeStanding, worker: number, standing: WorkerStanding): NodeStanding {
  return { ...node, workers: node.workers.map((before, k) => (k === worker ? standing : before)) };
}
