/**
 * What `doctor` asks a cluster: does it answer, is it new enough, may one submit, are accounts and roles there, is Kueue?
 * In: which cluster and namespace. Out: findings; one alone where there is no kubeconfig or no answer.
 */
import { ApisApi, AuthorizationV1Api, CoreV1Api, VersionApi } from '@kubernetes/client-node';
import { answerSoon } from './answer-soon.js';
import { clusterError, statusOf } from './cluster-errors.js';
import {
  accountFinding,
  type ClusterFinding,
  kueueFinding,
  rightsFinding,
  versionFinding,
} from './cluster-findings.js';
import { COORDINATOR_RIGHTS, type Right, rightWords, SUBMITTER_RIGHTS } from './needed-rights.js';
import { type Cluster, type ClusterChoice, openCluster } from './open-cluster.js';

const COORDINATOR = 'bagfleet-coordinator';

export async function inspectCluster(choice: ClusterChoice): Promise<ClusterFinding[]> {
  try {
    return await inspect(openCluster(choice));
  } catch (thrown) {
    const { code, culprit, message, hint } = clusterError(thrown, 'inspect', 'the cluster');
    // Runs on this machine need none.
    if (code === 'cluster-missing' && choice.context === null)
      return [{ name: 'cluster', ok: true, found: `none: ${message}` }];
    const found = `${culprit === undefined ? '' : `${culprit} `}${message}`;
    return [{ name: 'cluster', ok: false, found, ...(hint === undefined ? {} : { hint }) }];
  }
}

async function inspect(cluster: Cluster): Promise<ClusterFinding[]> {
  const { config, namespace } = cluster;
  const { gitVersion } = await answerSoon(config.makeApiClient(VersionApi).getCode());
  const server = config.getCurrentCluster()?.server ?? '';
  const [lacking, isThere, coordinatorLacks, groups] = await answerSoon(
    Promise.all([
      lackingOf(SUBMITTER_RIGHTS, (right) => isAllowed(cluster, right)),
      unlessDenied(() => hasAccount(cluster)),
      unlessDenied(() => lackingOf(COORDINATOR_RIGHTS, (right) => isCoordinatorAllowed(cluster, right))),
      config.makeApiClient(ApisApi).getAPIVersions(),
    ]),
  );
  return [
    versionFinding(server, gitVersion),
    rightsFinding(namespace, lacking),
    accountFinding({ account: COORDINATOR, namespace, isThere, lacking: coordinatorLacks }),
    kueueFinding(groups.groups.map(({ name }) => name)),
  ];
}

async function lackingOf(
  rights: readonly Right[],
  isGiven: (right: Right) => Promise<boolean>,
): Promise<string[]> {
  const given = await Promise.all(rights.map(isGiven));
  return rights.filter((_, at) => !given[at]).map(rightWords);
}

async function isAllowed({ config, namespace }: Cluster, right: Right): Promise<boolean> {
  const body = { spec: { resourceAttributes: attributesOf(right, namespace) } };
  const review = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({ body });
  return review.status?.allowed ?? false;
}

async function isCoordinatorAllowed({ config, namespace }: Cluster, right: Right): Promise<boolean> {
  const user = `system:serviceaccount:${namespace}:${COORDINATOR}`;
  const groups = ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  const body = { spec: { user, groups, resourceAttributes: attributesOf(right, namespace) } };
  const review = await config.makeApiClient(AuthorizationV1Api).createSubjectAccessReview({ body });
  return review.status?.allowed ?? false;
}

async function hasAccount({ config, namespace }: Cluster): Promise<boolean> {
  try {
    await config.makeApiClient(CoreV1Api).readNamespacedServiceAccount({ name: COORDINATOR, namespace });
    return true;
  } catch (thrown) {
    if (statusOf(thrown) === 404) return false;
    throw thrown;
  }
}

/** null when one may not ask. */
async function unlessDenied<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (thrown) {
    if (statusOf(thrown) === 403) return null;
    throw thrown;
  }
}

function attributesOf([verb, group, resource, subresource = '']: Right, namespace: string): object {
  return { namespace, verb, group, resource, subresource };
}
