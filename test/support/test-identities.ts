/**
 * Identities for tests, issued once: those of a run, and all that must not be taken for them.
 */
import {
  issueFrom,
  issueRunIdentities,
  type RunIdentities,
} from '@bagfleet/orchestrator/identity/issue-run-identities';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';

export const RUN = 'mnist-bags-20261123-204512-9f3a';
const DAY_MS = 24 * 3600_000;

interface TestIdentities {
  readonly ours: RunIdentities;
  /** Of our authority and run, but over since ten days. */
  readonly expired: Pick<RunIdentities, 'coordinator' | 'worker'>;
  /** Of our authority, from in an hour on. */
  readonly early: Pick<RunIdentities, 'coordinator' | 'worker'>;
  /** Another run's, from that run's own authority. */
  readonly others: RunIdentities;
  /** Of our authority, but it names another run. */
  readonly strayed: Pick<RunIdentities, 'coordinator' | 'worker'>;
  /** Of an authority that gives itself our run's name. */
  readonly forged: RunIdentities;
}

let issued: Promise<TestIdentities> | undefined;

export function testIdentities(): Promise<TestIdentities> {
  issued ??= issueAll();
  return issued;
}

/** Somebody else's certificate, in the hands of one who knows our authority's certificate and trusts it. */
export function trusting(identity: RunIdentity, { authority }: RunIdentities): RunIdentity {
  return { ...identity, authority: authority.certificatePem };
}

async function issueAll(): Promise<TestIdentities> {
  const now = new Date();
  const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS);
  const { authority } = await issueRunIdentities({ runId: RUN, now: daysAgo(20), days: 50 });
  const issue = (runId: string, at: Date, days: number) => issueFrom(authority, { runId, now: at, days });
  return {
    ours: { authority, ...(await issue(RUN, now, 10)) },
    expired: await issue(RUN, daysAgo(20), 10),
    early: await issue(RUN, daysAgo(-1 / 24), 10),
    others: await issueRunIdentities({ runId: 'another-run', now, days: 10 }),
    strayed: await issue('another-run', now, 10),
    forged: await issueRunIdentities({ runId: RUN, now, days: 10 }),
  };
}
