/**
 * What the loss of a worker cost, as a pure function of the marks.
 * In: the marks until then and those since then, who was lost and when.
 * Out: undefined until every survivor has applied a step again.
 */
import { type AppliedMark, isApplied, type Mark, PHASES } from './marks.js';

export interface Loss {
  readonly worker: string;
  /** Seconds on the clock of the marks. */
  readonly at: number;
  /** The generation that it was lost from. */
  readonly generation: number;
  readonly survivors: readonly string[];
}

export interface Recovery {
  /** From the loss until all survivors have applied a step of a later generation: a new one, none is redone. */
  readonly seconds: number;
  /** Steps that a survivor applied a second time; an exact trainer has none. */
  readonly stepsLost: number;
  /** From the loss until the coordinator heard of it, and until the last survivor reached each phase. */
  readonly phases: Readonly<Record<string, number>>;
  /** A validation began before the step. */
  readonly validated: boolean;
}

export function recoveryOf(
  before: readonly Mark[],
  since: readonly Mark[],
  loss: Loss,
): Recovery | undefined {
  const firsts = loss.survivors.map((id) =>
    since.find(
      (mark): mark is AppliedMark => isApplied(mark) && mark.who === id && mark.generation > loss.generation,
    ),
  );
  if (!firsts.every((first) => first !== undefined)) return undefined;
  const end = Math.max(...firsts.map(({ at }) => at));
  const between = since.filter(({ at }) => at > loss.at && at <= end);
  const heard = between.find(({ who, worker }) => who === 'coordinator' && worker === loss.worker);
  const phases: Record<string, number> = {};
  for (const phase of PHASES) {
    const reached = firsts.flatMap((first) => lastOf(between, first, phase) ?? []);
    if (reached.length > 0) phases[phase] = Math.max(...reached) - loss.at;
  }
  // Of a stopped worker it hears nothing: it ends it for its silence.
  if (heard && heard.at - loss.at < phases.told) phases.heard = heard.at - loss.at;
  return {
    seconds: end - loss.at,
    stepsLost: firsts.reduce((sum, first) => sum + redone([...before, ...since], first), 0),
    phases,
    validated: between.some(({ event }) => event === 'validation'),
  };
}

/** The way into the generation that came to a step: an attempt that broke before it is time of the phase before. */
function lastOf(between: readonly Mark[], first: AppliedMark, phase: string): number | undefined {
  return between.findLast(({ who, event, at }) => who === first.who && event === phase && at <= first.at)?.at;
}

/** Steps from a survivor's first one in the new generation on that it had applied before. */
function redone(marks: readonly Mark[], { who, generation }: AppliedMark): number {
  const applied = marks.filter(isApplied).filter((mark) => mark.who === who);
  const nameOf = ({ epoch, step }: AppliedMark) => `${epoch}/${step}`;
  const before = new Set(applied.filter((mark) => mark.generation < generation).map(nameOf));
  return applied.filter((mark) => mark.generation === generation && before.has(nameOf(mark))).length;
}

/** Milliseconds from one applied step to the next of a worker that goes on in the same generation, undisturbed. */
export function stepMilliseconds(marks: readonly Mark[], workers: number): number[] {
  const applied = marks.filter(isApplied).filter((mark) => mark.workers.length === workers);
  return [...new Set(applied.map(({ who, pid }) => `${who} ${pid}`))].flatMap((process) => {
    const own = applied.filter(({ who, pid }) => `${who} ${pid}` === process);
    return own.slice(1).flatMap((mark, k) => {
      const isNext = mark.generation === own[k].generation && mark.epoch === own[k].epoch;
      return isNext ? [(mark.at - own[k].at) * 1000] : [];
    });
  });
}
