/**
 * What goes before a state's bytes when one worker hands its state to another.
 * In: a state. Out: a head (progress, digest, sizes, rows that are not stored yet) and views of its buffers.
 */
import { BagfleetError, metricsSchema, type Progress, progressSchema } from '@bagfleet/proto';
import { z } from 'zod';
import type { TrainingState } from './training-state.js';
import { sharedFloats } from './training-state.js';

const headSchema = z.object({
  progress: progressSchema,
  digest: z.string(),
  entries: z.int().positive(),
  /** Names of the moments, in the order in which they follow the parameters. */
  moments: z.array(z.string()),
  /** Rows of steps that the taker has not seen, for whoever becomes rank 0 (held-rows.ts). */
  rows: z.array(z.unknown()),
  /** Set when this very state is to become a checkpoint and is not committed yet. */
  copy: z.object({ validation: metricsSchema.nullable(), isBest: z.boolean() }).nullable(),
});
export type StateHead = z.infer<typeof headSchema>;

export function headOf(
  state: TrainingState,
  facts: Pick<StateHead, 'digest' | 'copy'> & { readonly rows: readonly unknown[] },
): Uint8Array {
  const moments = Object.keys(state.moments);
  const head: StateHead = {
    progress: state.progress,
    entries: state.layout.length,
    moments,
    digest: facts.digest,
    copy: facts.copy,
    rows: [...facts.rows],
  };
  return Buffer.from(JSON.stringify(head));
}

/** The state's bytes as they lie: parameters, then each moment. */
export function buffersOf(state: Pick<TrainingState, 'parameters' | 'moments'>): Uint8Array[] {
  return [state.parameters, ...Object.values(state.moments)].map(
    (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
}

/** A place for the state that a head announces, beside one's own. Errors: `plan-mismatch` for another layout. */
export function stageFor(
  bytes: Uint8Array,
  own: TrainingState,
): { head: StateHead; staged: Omit<TrainingState, 'layout'> } {
  const head = headSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  if (head.entries !== own.layout.length || head.moments.join() !== Object.keys(own.moments).join())
    throw new BagfleetError(
      'plan-mismatch',
      `the state has ${head.entries} entries and the moments ${head.moments}, this worker's ${own.layout.length} and ${Object.keys(own.moments)}`,
    );
  const moments = Object.fromEntries(head.moments.map((name) => [name, sharedFloats(head.entries)]));
  const progress: Progress = head.progress;
  return { head, staged: { parameters: sharedFloats(head.entries), moments, progress } };
}
