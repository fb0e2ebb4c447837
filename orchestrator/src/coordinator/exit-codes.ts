/**
 * What the end of a coordinator's process means to whoever started it. Kubernetes takes 1, 2 and 130 as the end of the
 * run (manifests/coordinator-job.ts), does not count 143, and starts another one after all others.
 */
import { BagfleetError } from '@bagfleet/proto';

/** Told to go, as by a drained node: another one goes on. */
export const HANDED_OVER = 143;
/** What one that is started anew may get over (EX_IOERR). */
export const PASSING = 74;
/** A mistake of ours (EX_SOFTWARE). */
const BUG = 70;

/** Everything that is not listed would only happen again. */
const PASSING_CODES = ['store-unavailable', 'cluster-unavailable', 'bug'];

export function isPassing({ code }: BagfleetError): boolean {
  return PASSING_CODES.includes(code);
}

/** For people and logs: ours with the stack. */
export function tellError(error: BagfleetError): void {
  console.error(error.code === 'bug' ? (error.cause ?? error) : error.describe());
}

/** Node would exit with 1, which is a verdict. */
export function exitOnOurMistakes(): void {
  process.on('uncaughtException', (thrown) => {
    tellError(BagfleetError.from(thrown));
    process.exit(BUG);
  });
}
