/** Roles hold the verbs that the code uses and no others; the real API server grants and denies accordingly. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ClusterInTests, clusterInTests } from './support/cluster-in-tests.js';
import { applyKustomized, kustomized } from './support/kustomized.js';
import { BESIDES, CALLS, methodsIn, rightsOf, type Side } from './support/used-rights.js';

const SOURCES = fileURLToPath(new URL('../../orchestrator/src/', import.meta.url));
/** The one that carries the calls out, and the one that lists for every watch. */
const CARRIERS = ['kubernetes/cluster-objects.ts', 'kubernetes/watch-objects.ts'];
const SIDES: readonly Side[] = ['coordinator', 'submitter'];

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const GROUPS: Readonly<Record<string, string>> = {
  jobs: 'batch',
  cronjobs: 'batch',
  deployments: 'apps',
  roles: 'rbac.authorization.k8s.io',
  rolebindings: 'rbac.authorization.k8s.io',
  networkpolicies: 'networking.k8s.io',
};
const RESOURCES = [
  ...[
    'jobs',
    'cronjobs',
    'pods',
    'pods/log',
    'pods/exec',
    'pods/attach',
    'pods/portforward',
    'pods/eviction',
  ],
  ...[
    'secrets',
    'configmaps',
    'events',
    'services',
    'serviceaccounts',
    'serviceaccounts/token',
    'resourcequotas',
  ],
  ...[
    'deployments',
    'roles',
    'rolebindings',
    'networkpolicies',
    'namespaces',
    'nodes',
    'persistentvolumeclaims',
  ],
];

interface Rule {
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
}

function expected(side: Side): string[] {
  return [...new Set([...rightsOf(side), ...BESIDES[side]])].sort();
}

/** Each right of the table that the API server grants this account in a namespace. */
async function granted(
  cluster: ClusterInTests,
  user: string,
  groups: string[],
  namespace: string,
): Promise<string[]> {
  const rights = RESOURCES.flatMap((resource) => VERBS.map((verb) => [verb, resource] as const));
  const reviews = rights.map(([verb, path]) => {
    const [resource, subresource = ''] = path.split('/');
    return JSON.stringify({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user,
        groups: ['system:authenticated', ...groups],
        resourceAttributes: { namespace, verb, group: GROUPS[resource] ?? '', resource, subresource },
      },
    });
  });
  const answer = await cluster.kubectl(
    ['create', '-o', 'jsonpath={.status.allowed}{"\\n"}', '-f', '-'],
    reviews.join('\n'),
  );
  const verdicts = answer.trim().split('\n');
  assert.equal(verdicts.length, rights.length);
  return rights
    .filter((_, at) => verdicts[at] === 'true')
    .map((right) => right.join(' '))
    .sort();
}

describe('roles', function () {
  this.timeout(120_000);
  const cluster = clusterInTests({ 'pod-security.kubernetes.io/enforce': 'restricted' });

  before(() => applyKustomized(cluster, 'base'));

  const grantedTo = (account: string, namespace = cluster.namespace) => {
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${cluster.namespace}`];
    return granted(cluster, `system:serviceaccount:${cluster.namespace}:${account}`, groups, namespace);
  };

  it('every file that calls the API has its row in the table, with the methods that it calls', () => {
    const called: Record<string, string[]> = {};
    for (const name of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || CARRIERS.includes(name)) continue;
      const methods = methodsIn(readFileSync(`${SOURCES}${name}`, 'utf8'));
      if (methods.size > 0) called[name] = [...methods].sort();
    }
    const told = Object.entries(CALLS).map(([name, { calls }]) => [name, Object.keys(calls).sort()]);
    assert.deepEqual(called, Object.fromEntries(told));
  });

  for (const side of SIDES) {
    it(`the ${side}'s role holds what its calls need and nothing else`, async () => {
      const roles = (await kustomized(cluster, 'base')).filter(({ kind }) => kind === 'Role');
      const role = roles.find(({ metadata }) => metadata.name === `bagfleet-${side}`) as unknown as {
        readonly rules: readonly Rule[];
      };
      const held = role.rules.flatMap(({ verbs, resources }) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
      );
      assert.deepEqual(held.sort(), expected(side));
    });

    it(`no right of the ${side} stands beside the table though a call explains it`, () => {
      const explained = rightsOf(side);
      assert.deepEqual(
        BESIDES[side].filter((right) => explained.includes(right)),
        [],
      );
    });
  }

  it('the coordinator may do that, and nothing else of what can be asked for', async () => {
    assert.deepEqual(await grantedTo('bagfleet-coordinator'), expected('coordinator'));
  });

  it('workers may do nothing', async () => {
    assert.deepEqual(await grantedTo('bagfleet-worker'), []);
  });

  it('people to whom the submitter is bound may do that, and nothing else', async () => {
    await cluster.kubectl([
      ...['create', 'rolebinding', 'submitters', '--role=bagfleet-submitter', '--group=pathologists'],
    ]);
    const rights = await granted(cluster, 'anna', ['pathologists'], cluster.namespace);
    assert.deepEqual(rights, expected('submitter'));
  });

  it('the coordinator may do nothing in another namespace', async () => {
    assert.deepEqual(await grantedTo('bagfleet-coordinator', 'default'), []);
  });

  it("workers' pods get no token, even where nobody says so in the pod", async () => {
    const pod = (name: string, serviceAccountName: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        serviceAccountName,
        containers: [
          {
            name: 'main',
            image: 'localhost/busybox:1',
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
        securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
      },
    });
    const mounts = async (account: string) => {
      const create = ['create', '--dry-run=server', '-f', '-', '-o', 'jsonpath={.spec.volumes[*].name}'];
      return await cluster.kubectl(create, JSON.stringify(pod('probe', account)));
    };
    assert.match(await mounts('bagfleet-coordinator'), /^kube-api-access-/);
    assert.equal(await mounts('bagfleet-worker'), '');
  });
});
