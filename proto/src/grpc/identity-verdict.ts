/**
 * Whether who calls, or answers, belongs to this run.
 * In: the certificate that was shown, what TLS found wrong with its chain, who is expected, the time.
 * Out: why not, in words that go on after "refused: "; null if it belongs here.
 */
import { X509Certificate } from 'node:crypto';
import { type Claim, claimOf, type Role, type RunIdentity } from './run-identity.js';

export interface Shown {
  readonly certificate: X509Certificate | null;
  /** OpenSSL's word on the chain: null if it is in order. */
  readonly chainError: string | null;
}

/** What a process of this run takes for its own. */
export class Membership {
  readonly #authority: X509Certificate;
  readonly #own: Claim | null;

  constructor(identity: RunIdentity) {
    this.#authority = new X509Certificate(identity.authority);
    this.#own = claimOf(new X509Certificate(identity.certificate));
  }

  /** Our own look comes first, because it tells more; that of TLS has the last word. */
  whyNot({ certificate, chainError }: Shown, role: Role, now: Date): string | null {
    if (!certificate) return 'it showed no certificate';
    const claim = claimOf(certificate);
    if (!this.#signed(certificate)) return `its certificate is of another authority${named(claim)}`;
    if (new Date(certificate.validTo) < now) return `its certificate expired on ${day(certificate.validTo)}`;
    if (new Date(certificate.validFrom) > now)
      return `its certificate is valid from ${day(certificate.validFrom)} on only: see whether the clocks agree`;
    if (!claim || !this.#own) return 'its certificate names no run of bagfleet';
    if (claim.run !== this.#own.run) return `its certificate is of another run, ${claim.run}`;
    if (claim.role !== role) return `its certificate is that of a ${claim.role}, not of a ${role}`;
    return chainError === null ? null : `its certificate is not in order: ${chainError}`;
  }

  #signed(certificate: X509Certificate): boolean {
    return certificate.checkIssued(this.#authority) && certificate.verify(this.#authority.publicKey);
  }
}

function named(claim: Claim | null): string {
  return claim ? `, which calls itself that of run ${claim.run}` : '';
}

function day(date: string): string {
  return `${new Date(date).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
