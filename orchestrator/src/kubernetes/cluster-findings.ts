/**
 * What `doctor` says of a cluster. Pure.
 * In: what the API server answered; null where one may not ask. Out: findings, each fine or with what to do about it.
 */

export interface ClusterFinding {
  readonly name: 'cluster' | 'rights' | 'account' | 'kueue';
  readonly ok: boolean;
  readonly found: string;
  readonly hint?: string;
}

/** The first with all that the workers' Job relies on switched on (docs/kubernetes.md). */
const LEAST = { major: 1, minor: 29 };
const BASE_HINT = 'Create accounts and roles: `kubectl apply -k k8s/base`.';

export function versionFinding(server: string, version: string): ClusterFinding {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  const ok = Number(major) > LEAST.major || (Number(major) === LEAST.major && Number(minor) >= LEAST.minor);
  const found = `Kubernetes ${version} at ${server}`;
  if (ok) return { name: 'cluster', ok, found };
  const hint = `bagfleet needs Kubernetes ${LEAST.major}.${LEAST.minor} or newer: its Jobs lack what workers rely on.`;
  return { name: 'cluster', ok, found, hint };
}

/** `lacking`: as `create jobs`. */
export function rightsFinding(namespace: string, lacking: readonly string[]): ClusterFinding {
  const name = 'rights';
  if (lacking.length === 0)
    return { name, ok: true, found: `you may submit runs in the namespace ${namespace}` };
  const found = `you may not in the namespace ${namespace}: ${lacking.join(', ')}`;
  return {
    name,
    ok: false,
    found,
    hint: 'Have the role bagfleet-submitter bound to you: k8s/examples/submitters.yaml.',
  };
}

export interface AccountAnswers {
  readonly account: string;
  readonly namespace: string;
  readonly isThere: boolean | null;
  readonly lacking: readonly string[] | null;
}

export function accountFinding({ account, namespace, isThere, lacking }: AccountAnswers): ClusterFinding {
  const name = 'account';
  const who = `the coordinator's account ${account}`;
  if (isThere === false)
    return { name, ok: false, found: `${who} is not in the namespace ${namespace}`, hint: BASE_HINT };
  if (lacking !== null && lacking.length > 0)
    return { name, ok: false, found: `${who} may not: ${lacking.join(', ')}`, hint: BASE_HINT };
  if (isThere === null && lacking === null)
    return { name, ok: true, found: `you may not ask whether ${who} is there and what it may` };
  if (lacking === null) return { name, ok: true, found: `${who} is there; you may not ask what it may` };
  const there = isThere === null ? ', if it is there (you may not ask),' : ' is there and';
  return { name, ok: true, found: `${who}${there} may what it has to` };
}

export function kueueFinding(groups: readonly string[]): ClusterFinding {
  const isThere = groups.includes('kueue.x-k8s.io');
  const found = isThere ? 'Kueue is there: fleet.kubernetes.queue may name a queue' : 'none';
  return { name: 'kueue', ok: true, found };
}
