/**
 * Who this process is in its run: the certificate that the run's authority has given it.
 * In: BAGFLEET_IDENTITY, a folder with ca.crt, tls.crt and tls.key. Out: the identity; null when the variable is not
 * set, as on one machine. Errors: `identity-invalid` for a folder that lacks one, or holds something else.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BagfleetError } from '@bagfleet/proto';
import { claimOf, type RunIdentity } from '@bagfleet/proto/grpc/run-identity';

export function readIdentity(folder: string | undefined): RunIdentity | null {
  if (!folder) return null;
  const identity = {
    authority: read(join(folder, 'ca.crt')),
    certificate: read(join(folder, 'tls.crt')),
    key: read(join(folder, 'tls.key')),
  };
  check(identity, folder);
  return identity;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unfit(path, `can't be read: ${(cause as Error).message}`, cause);
  }
}

/** Told here by the file's name; TLS would only say that something does not fit. */
function check({ authority, certificate, key }: RunIdentity, folder: string): void {
  parsed(join(folder, 'ca.crt'), () => new X509Certificate(authority));
  const own = parsed(join(folder, 'tls.crt'), () => new X509Certificate(certificate));
  const privateKey = parsed(join(folder, 'tls.key'), () => createPrivateKey(key));
  if (!own.checkPrivateKey(privateKey)) throw unfit(join(folder, 'tls.key'), 'is not the key of tls.crt');
  if (!claimOf(own)) throw unfit(join(folder, 'tls.crt'), 'names no run of bagfleet');
}

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw unfit(path, 'is not in PEM form', cause);
  }
}

function unfit(path: string, message: string, cause?: unknown): BagfleetError {
  return new BagfleetError('identity-invalid', message, {
    culprit: `identity file ${path}`,
    hint: "It comes from the run's Secret, which the coordinator writes; BAGFLEET_IDENTITY names the folder.",
    cause,
  });
}
