/**
 * What the API server answered, as a BagfleetError that says who was refused what, and what to do.
 * In: what the client threw, and the words for what was asked. Out: an error, or null for "there is no such object".
 */
import { BagfleetError } from '@bagfleet/proto';
import { ApiException } from '@kubernetes/client-node';

/** `Job mnist-1`: what the request was about. */
export function clusterError(thrown: unknown, verb: string, what: string): BagfleetError {
  if (thrown instanceof BagfleetError) return thrown;
  const code = statusOf(thrown);
  const message = messageOf(thrown);
  if (code === null) return unavailable(message, thrown);
  if (code === 401 || code === 403) return denied(message, verb, what, thrown);
  if (code === 429 || code >= 500) return unavailable(message, thrown);
  return new BagfleetError('cluster-refused', `the API server does not ${verb} it: ${message}`, {
    culprit: what,
    cause: thrown,
  });
}

/** The HTTP status that the API server answered with; null when it did not answer. */
export function statusOf(thrown: unknown): number | null {
  if (thrown instanceof ApiException) return thrown.code;
  const code = (thrown as { statusCode?: unknown } | null)?.statusCode;
  return typeof code === 'number' ? code : null;
}

export function isMissing(thrown: unknown): boolean {
  return statusOf(thrown) === 404;
}

function denied(message: string, verb: string, what: string, cause: unknown): BagfleetError {
  if (/exceeded quota|quota/i.test(message))
    return new BagfleetError('cluster-refused', `quota does not allow to ${verb} it: ${message}`, {
      culprit: what,
      hint: 'Ask for less (fleet.workers, fleet.kubernetes.memory), or for more quota: `kubectl describe quota`.',
      cause,
    });
  return new BagfleetError('cluster-denied', `you may not ${verb} it: ${message}`, {
    culprit: what,
    hint: 'The roles that bagfleet needs are in k8s/base/roles.yaml.',
    cause,
  });
}

function unavailable(message: string, cause: unknown): BagfleetError {
  return new BagfleetError('cluster-unavailable', `does not answer: ${message}`, {
    culprit: 'the API server',
    hint: 'Does `kubectl get pods` work from here?',
    cause,
  });
}

/** The words of the API server's Status object, without what the client wraps around them. */
function messageOf(thrown: unknown): string {
  if (!(thrown instanceof ApiException)) return rootMessage(thrown);
  const body: unknown = thrown.body;
  if (typeof body === 'string') return parsedMessage(body) ?? body.trim().slice(0, 500);
  return (body as { message?: string } | null)?.message ?? `HTTP ${thrown.code}`;
}

function parsedMessage(text: string): string | null {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? null;
  } catch {
    return null;
  }
}

function rootMessage(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause instanceof Error ? rootMessage(thrown.cause) : thrown.message;
}
