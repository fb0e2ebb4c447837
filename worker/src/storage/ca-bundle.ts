/**
 * Certificates that an https endpoint may be signed with, where the machine's are not meant.
 * In: AWS_CA_BUNDLE, as the AWS command line knows it. Out: their text (PEM); undefined where nothing is set.
 * NODE_EXTRA_CA_CERTS adds to Node's own and needs nothing here.
 */
import { readFileSync } from 'node:fs';
import { BagfleetError } from '@bagfleet/proto/errors';

export function caBundle(file = process.env.AWS_CA_BUNDLE): string | undefined {
  if (!file) return undefined;
  try {
    const text = readFileSync(file, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (cause) {
    throw unusable(file, `can't be read: ${(cause as Error).message}`, cause);
  }
  throw unusable(file, 'has no certificate in it');
}

function unusable(file: string, problem: string, cause?: unknown): BagfleetError {
  return new BagfleetError('usage', `AWS_CA_BUNDLE ${problem}`, {
    culprit: file,
    hint: 'Name a file with certificates (PEM), or unset AWS_CA_BUNDLE.',
    cause,
  });
}
