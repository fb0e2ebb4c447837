/**
 * Bags and patients under pseudonyms. In: a manifest, a secret key. Out: the manifest with pseudonyms, and which name each
 * stands for. Pure: the same key gives the same pseudonyms, so datasets that are indexed apart fit each other.
 *
 * A pseudonym is the beginning of HMAC-SHA-256 (RFC 2104) of kind and name: without the key nobody can try names.
 */
import { createHmac } from 'node:crypto';
import type { DatasetManifest } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';

export type Kind = 'bag' | 'patient';

export interface Pseudonym {
  readonly kind: Kind;
  readonly pseudonym: string;
  readonly name: string;
}

/** 64 bits: among a million names two agree with a probability of 3e-8, and that is an error. */
const HEX_DIGITS = 16;

export function pseudonymize(
  manifest: DatasetManifest,
  key: Uint8Array,
): { readonly manifest: DatasetManifest; readonly names: readonly Pseudonym[] } {
  const names = new Map<string, Pseudonym>();
  const give = (kind: Kind, name: string): string => {
    const pseudonym = pseudonymOf(kind, name, key);
    const other = names.get(pseudonym);
    if (other && other.name !== name) throw collision(pseudonym);
    names.set(pseudonym, { kind, pseudonym, name });
    return pseudonym;
  };
  const bags = manifest.bags.map((bag) => ({
    ...bag,
    id: give('bag', bag.id),
    ...(bag.patient === undefined ? {} : { patient: give('patient', bag.patient) }),
  }));
  return { manifest: { ...manifest, pseudonymized: true, bags }, names: [...names.values()] };
}

export function pseudonymOf(kind: Kind, name: string, key: Uint8Array): string {
  const digest = createHmac('sha256', key).update(`${kind}\0${name}`).digest('hex');
  return `${kind === 'bag' ? 'b' : 'p'}-${digest.slice(0, HEX_DIGITS)}`;
}

function collision(pseudonym: string): BagfleetError {
  return new BagfleetError('usage', `two names have the pseudonym ${pseudonym}`, {
    culprit: '--pseudonymize',
    hint: 'Take another key.',
  });
}
