/**
 * What is to befall a run, drawn from a seed: orders that kill and stop its workers in every phase of their work and
 * cut a link, spread over the run.
 * In: a seed, the run's length. Out: orders for BAGFLEET_FAULTS; the same for the same seed.
 */
import { CounterRng, type FaultPhase } from '@bagfleet/proto';
import type { Order } from './faulty-run.js';

export const MID_STEP: readonly FaultPhase[] = ['compute', 'exchange', 'reduce', 'gather'];
export const KILL_PHASES: readonly FaultPhase[] = [...MID_STEP, 'pull', 'donate', 'checkpoint', 'evaluation'];

const WORKERS = ['w0', 'w1', 'w2'];
const KILLS_PER_PHASE_OF_A_STEP = 7;
const KILLS_IN_EVALUATION = 5;
const CHECKPOINTS = 2;
const PAUSES = 2;

export interface RunLength {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Epochs of which a checkpoint is written. */
  readonly checkpointEvery: number;
  /** Milliseconds that each step takes at least. */
  readonly paceMs: number;
}

export function chaosPlan(seed: number, run: RunLength): Order[] {
  const draw = drawer(seed);
  const worker = () => WORKERS[draw(WORKERS.length)];
  // The last fifth of the run is left to those that have to catch up.
  const epoch = () => 2 + draw(Math.floor(run.epochs * 0.8) - 2);
  const step = () => 1 + draw(run.stepsPerEpoch);
  const kills: Order[] = [
    ...times(KILLS_PER_PHASE_OF_A_STEP, () => MID_STEP)
      .flat()
      .map((phase) => ({ act: 'kill' as const, worker: worker(), phase, epoch: epoch(), step: step() })),
    ...times(KILLS_IN_EVALUATION, () => ({
      act: 'kill' as const,
      worker: worker(),
      phase: 'evaluation' as const,
      epoch: epoch(),
    })),
    // Whoever writes it: the first to begin is killed, and so may be the next.
    ...times(CHECKPOINTS, (i) => (1 + i * 3) * run.checkpointEvery).flatMap((at) =>
      WORKERS.map((id) => ({ act: 'kill' as const, worker: id, phase: 'checkpoint' as const, epoch: at })),
    ),
    // Whoever comes back pulls the state, and somebody gives it.
    ...WORKERS.flatMap((id) =>
      (['pull', 'donate'] as const).map((phase) => ({ act: 'kill' as const, worker: id, phase })),
    ),
  ];
  const others: Order[] = [
    ...times(PAUSES, () => ({
      act: 'pause' as const,
      worker: worker(),
      phase: 'compute' as const,
      epoch: epoch(),
      step: step(),
    })),
    { act: 'cut', worker: 'w0', peer: 'w1', epoch: epoch() },
    ...WORKERS.map((id) => ({ act: 'pace' as const, worker: id, ms: run.paceMs })),
  ];
  return [...kills, ...others].map((order, i) => ({
    id: `${String(i).padStart(2, '0')}-${order.act}`,
    ...order,
  }));
}

function drawer(seed: number): (below: number) => number {
  const values = new CounterRng(seed, ['chaos']).uniform(1000).values();
  return (below) => Math.floor((values.next().value as number) * below);
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
