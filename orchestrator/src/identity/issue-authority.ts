/**
 * A run's own authority: signs itself, and may sign the run's members, nothing below them.
 * In: the run, the time, a key pair, a serial number. Out: its certificate and key as PEM texts.
 */
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { keyToPem, LONGEST_NAME, type RunAuthority, SIGNING_ALGORITHM, validity } from './run-authority.js';

export interface AuthorityRequest {
  readonly runId: string;
  readonly now: Date;
  readonly days: number;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly serial: string;
}

export async function issueAuthority(request: AuthorityRequest): Promise<RunAuthority> {
  const { runId, now, days, keys, serial } = request;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial,
    name: [{ O: ['bagfleet'] }, { CN: [`authority of run ${runId}`.slice(0, LONGEST_NAME)] }],
    ...validity(now, days),
    signingAlgorithm: SIGNING_ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: certificate.toString('pem'), keyPem: await keyToPem(keys.privateKey) };
}
