/**
 * The certificate of one role in a run. Workers serve each other and call the coordinator; the coordinator only serves.
 * In: the run's authority, the role, the time, a key pair, a serial number. Out: a RunIdentity.
 */
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { dnsNameOf, type Role, type RunIdentity, uriOf } from '@bagfleet/proto/grpc/run-identity';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import {
  keyToPem,
  LONGEST_NAME,
  type RunAuthority,
  SIGNING_ALGORITHM,
  signingKeyOf,
  validity,
} from './run-authority.js';

export interface CertificateRequest {
  readonly runId: string;
  readonly role: Role;
  readonly now: Date;
  readonly days: number;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly serial: string;
}

const USES: Record<Role, readonly ExtendedKeyUsage[]> = {
  coordinator: [ExtendedKeyUsage.serverAuth],
  worker: [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth],
};

/** It ends no later than its authority does. */
export async function issueCertificate(
  authority: RunAuthority,
  { runId, role, now, days, keys, serial }: CertificateRequest,
): Promise<RunIdentity> {
  const issuer = new X509Certificate(authority.certificatePem);
  const { notBefore, notAfter } = validity(now, days);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial,
    subject: [{ O: ['bagfleet'] }, { CN: [`${role} of run ${runId}`.slice(0, LONGEST_NAME)] }],
    issuer: issuer.subjectName,
    notBefore,
    notAfter: notAfter < issuer.notAfter ? notAfter : issuer.notAfter,
    signingAlgorithm: SIGNING_ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await signingKeyOf(authority),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([...USES[role]]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: dnsNameOf(role) },
        { type: 'url', value: uriOf(runId, role) },
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return {
    authority: authority.certificatePem,
    certificate: certificate.toString('pem'),
    key: await keyToPem(keys.privateKey),
  };
}
