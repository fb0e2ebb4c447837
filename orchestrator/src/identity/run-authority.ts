/**
 * The authority of one run: whoever has its key says who belongs to the run. The key stays with the coordinator.
 * In: PEM texts. Out: keys that sign, and back.
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { PemConverter } from '@peculiar/x509';

export interface RunAuthority {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
export const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' };

/** A clock elsewhere may be behind ours by so much. */
const SKEW_MS = 10 * 60_000;
const DAY_MS = 24 * 3600_000;
const SERIAL_BYTES = 16;
/** X.509's own limit for a common name. It is there for people; what is checked stands elsewhere. */
export const LONGEST_NAME = 64;

export function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
}

export async function keyToPem(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), PemConverter.PrivateKeyTag);
}

export function signingKeyOf({ keyPem }: RunAuthority): Promise<webcrypto.CryptoKey> {
  const bytes = PemConverter.decodeFirst(keyPem);
  return webcrypto.subtle.importKey('pkcs8', bytes, KEY_ALGORITHM, false, ['sign']);
}

/** Random, so that no two authorities' certificates are confused; positive, as X.509 wants it. */
export function newSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(SERIAL_BYTES));
  bytes[0] = (bytes[0] & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

export function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(now.getTime() - SKEW_MS),
    notAfter: new Date(now.getTime() + days * DAY_MS),
  };
}
