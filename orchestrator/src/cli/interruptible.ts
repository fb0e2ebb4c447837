/**
 * Work that Ctrl-C or SIGTERM ends in good order: the signal aborts, the work cleans up, the code is 130.
 * A second signal, or work that does not end within a moment, ends the process at once.
 */
import { BagfleetError } from '@bagfleet/proto';

const GRACE_MS = 3000;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const endNow = () => process.exit(130);
  const onSignal = () => {
    if (controller.signal.aborted) endNow();
    controller.abort(new BagfleetError('interrupted', 'interrupted'));
    setTimeout(endNow, GRACE_MS).unref();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await work(controller.signal);
  } catch (thrown) {
    throw controller.signal.aborted ? controller.signal.reason : thrown;
  } finally {
    // Once interrupted they stay: a further signal then still ends the process with 130.
    if (!controller.signal.aborted) for (const name of SIGNALS) process.off(name, onSignal);
  }
}
