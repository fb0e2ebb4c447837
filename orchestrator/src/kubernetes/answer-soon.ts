/**
 * A cluster that is out of reach must not keep people waiting for what is known without it.
 * In: a question to the API server. Out: its answer, or `cluster-unavailable` after some seconds.
 */
import { BagfleetError } from '@bagfleet/proto';

const PATIENCE_MS = 5000;

export async function answerSoon<T>(asking: Promise<T>): Promise<T> {
  let late: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new BagfleetError('cluster-unavailable', `has not answered for ${PATIENCE_MS / 1000} s`, {
      culprit: 'the API server',
      hint: 'Does `kubectl get pods` work from here?',
    });
    late = setTimeout(() => reject(error), PATIENCE_MS);
  });
  try {
    return await Promise.race([asking, tooLate]);
  } finally {
    clearTimeout(late);
  }
}
