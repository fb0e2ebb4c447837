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
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new BagfleetError('usage', `AWS_CA_BUNDLE can't be read: ${(cause as Error).message}`, {
      culprit: file,
      hint: 'Name a file with certificates (PEM), or unset AWS_CA_BUNDLE.',
      cause,
    });
  }
}
