/** The network policies and the PodMonitor of k8s/ name the labels and ports that the product gives its pods. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { METRICS_PORT } from '@bagfleet/orchestrator/launch/kubernetes/manifests/coordinator-probes';
import { manifestsOf } from '@bagfleet/orchestrator/submit/manifests-of';
import { parseJob } from '@bagfleet/proto';
import { parse, parseAllDocuments } from 'yaml';

type Labels = Readonly<Record<string, string>>;
interface Selector {
  readonly matchLabels?: Labels;
}
interface Policy {
  readonly spec: {
    readonly podSelector: Selector;
    readonly ingress?: readonly {
      readonly from: readonly { readonly podSelector?: Selector; readonly namespaceSelector?: Selector }[];
      readonly ports: readonly { readonly port: number; readonly endPort?: number }[];
    }[];
  };
}

const [coordinator, worker] = manifestsOf(
  parseJob(
    {
      data: { manifest: 's3://bags/manifest.json' },
      store: { uri: 's3://runs' },
      fleet: { engine: 'kubernetes', workers: 16, gpusPerNode: 16, kubernetes: { image: 'worker:1' } },
    },
    'job',
  ),
  { run: 'a-run', uri: 's3://runs/a-run' },
).map(({ spec }) => ({
  labels: spec?.template.metadata?.labels ?? {},
  ports: (spec?.template.spec?.containers[0].ports ?? []).map(({ containerPort }) => containerPort),
}));
const STRANGER: Labels = { 'app.kubernetes.io/name': 'something-else' };
const EVERYBODY = { coordinator: coordinator.labels, worker: worker.labels, stranger: STRANGER };

function selects({ matchLabels = {} }: Selector, labels: Labels): boolean {
  return Object.entries(matchLabels).every(([name, value]) => labels[name] === value);
}

function portsOf({ port, endPort = port }: { readonly port: number; readonly endPort?: number }): number[] {
  return Array.from({ length: endPort - port + 1 }, (_, k) => port + k);
}

function read(file: string): string {
  return readFileSync(new URL(`../../../k8s/${file}`, import.meta.url), 'utf8');
}

const policies = parseAllDocuments(read('base/network-policies.yaml')).map((text) => text.toJS() as Policy);

/** `worker → 7070`: who of the namespace's pods may connect to which of these pods' ports. */
function allowed(labels: Labels): string[] {
  const own = policies.filter(({ spec }) => selects(spec.podSelector, labels));
  const rules = own.flatMap(({ spec }) => spec.ingress ?? []);
  return Object.entries(EVERYBODY).flatMap(([name, who]) =>
    rules
      .filter(({ from }) => from.some(({ podSelector }) => podSelector && selects(podSelector, who)))
      .flatMap(({ ports }) => ports.flatMap(portsOf).map((port) => `${name} → ${port}`)),
  );
}

describe('network policies', () => {
  it('every pod of the namespace is under one, so that what none allows is denied', () => {
    for (const labels of Object.values(EVERYBODY))
      assert.ok(policies.some(({ spec }) => selects(spec.podSelector, labels)));
  });

  it('workers are reached by workers alone, on the ports that they declare where a pod has the most GPUs', () => {
    assert.deepEqual(
      allowed(worker.labels),
      worker.ports.map((port) => `worker → ${port}`),
    );
  });

  it('coordinators are reached by workers alone, on the port that they declare', () => {
    assert.deepEqual(allowed(coordinator.labels), [`worker → ${coordinator.ports[0]}`]);
  });

  it('other pods of the namespace are not reached', () => {
    assert.deepEqual(allowed(STRANGER), []);
  });

  it('a Prometheus in its own namespace reaches the metrics of coordinators', () => {
    const rules = policies
      .filter(({ spec }) => selects(spec.podSelector, coordinator.labels))
      .flatMap(({ spec }) => spec.ingress ?? [])
      .filter(({ from }) => from.some(({ namespaceSelector }) => namespaceSelector));
    assert.deepEqual(
      rules.flatMap(({ ports }) => ports.map(({ port }) => port)),
      [METRICS_PORT],
    );
  });
});

describe('k8s/examples/pod-monitor.yaml', () => {
  it('selects coordinators alone', () => {
    const { spec } = parse(read('examples/pod-monitor.yaml')) as { spec: { selector: Selector } };
    const selected = Object.entries(EVERYBODY).filter(([, labels]) => selects(spec.selector, labels));
    assert.deepEqual(
      selected.map(([name]) => name),
      ['coordinator'],
    );
  });
});
