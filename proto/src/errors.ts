/**
 * The one error type of bagfleet.
 * In: a code, the culprit (job field, bag id, file, worker) and what to do about it.
 * Out: one clear message for people, one exit code for shells, one plain object for the wire.
 */

/** Codes of errors that a user can mend before anything runs: exit code 2. */
const INPUT_CODES = [
  'usage',
  'job-invalid',
  'model-unknown',
  'manifest-invalid',
  'label-missing',
  'label-orphan',
  'bag-missing',
  'bag-truncated',
  'bag-format',
  'bag-width',
  'bag-empty',
  'bag-not-finite',
  'bag-changed',
  'store-denied',
  'store-missing',
  'store-insecure',
  'store-unavailable',
  'port-in-use',
  'cluster-missing',
  'cluster-unavailable',
  'cluster-denied',
  'cluster-refused',
  'identity-invalid',
  'run-missing',
  'run-held',
  'checkpoint-missing',
  'checkpoint-corrupt',
] as const;

/** Codes of errors that end a run which had begun: exit code 1. */
const RUN_CODES = [
  'store-conflict',
  'worker-lost',
  'wait-timeout',
  'peer-incompatible',
  'peer-refused',
  'fingerprint-mismatch',
  'plan-mismatch',
  'gradient-not-finite',
  'loss-not-finite',
  'state-mismatch',
  'machine-wrong',
  'machines-disagree',
  'lease-lost',
  'ledger-wrong',
  'cancelled',
  'job-failed',
] as const;

/** Codes that are neither: a signal (130) and a mistake of ours (70, with the stack). */
const OTHER_CODES = ['interrupted', 'bug'] as const;

export type ErrorCode =
  | (typeof INPUT_CODES)[number]
  | (typeof RUN_CODES)[number]
  | (typeof OTHER_CODES)[number];

export interface ErrorFacts {
  /** Whom or what it is about: `job field train.batch`, `bag b0017`, a file's key, `worker w2`. */
  readonly culprit?: string;
  /** What the user can do, as one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export class BagfleetError extends Error {
  override readonly name = 'BagfleetError';
  readonly code: ErrorCode;
  readonly culprit: string | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.culprit = facts.culprit;
    this.hint = facts.hint;
  }

  /** What a shell sees: 2 bad input, 1 failed while running, 130 interrupted, 70 a bug of ours. */
  get exitCode(): number {
    if ((INPUT_CODES as readonly string[]).includes(this.code)) return 2;
    if (this.code === 'interrupted') return 130;
    return this.code === 'bug' ? 70 : 1;
  }

  /** The lines that a person reads: culprit, message, hint. */
  describe(): string {
    const head = this.culprit ? `${this.culprit}: ${this.message}` : this.message;
    return this.hint ? `${head}\n  ${this.hint}` : head;
  }

  toJSON(): { code: ErrorCode; culprit?: string; message: string; hint?: string } {
    return {
      code: this.code,
      ...(this.culprit === undefined ? {} : { culprit: this.culprit }),
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    };
  }

  /** The way back from the wire; an unknown code becomes `bug`. */
  static fromJSON(value: { code: string; culprit?: string; message: string; hint?: string }): BagfleetError {
    const known = [...INPUT_CODES, ...RUN_CODES, ...OTHER_CODES] as readonly string[];
    const code = (known.includes(value.code) ? value.code : 'bug') as ErrorCode;
    return new BagfleetError(code, value.message, {
      ...(value.culprit === undefined ? {} : { culprit: value.culprit }),
      ...(value.hint === undefined ? {} : { hint: value.hint }),
    });
  }

  /** Whatever was thrown, as a BagfleetError: what we did not foresee is a bug and keeps its cause. */
  static from(thrown: unknown): BagfleetError {
    if (thrown instanceof BagfleetError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new BagfleetError('bug', message, { cause: thrown });
  }
}
