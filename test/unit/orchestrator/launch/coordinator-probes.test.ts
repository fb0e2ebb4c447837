/** Who looks after the coordinator's pod, and on which port. */
import assert from 'node:assert/strict';
import { coordinatorJob } from '@bagfleet/orchestrator/launch/kubernetes/manifests/coordinator-job';
import { parseJob } from '@bagfleet/proto';
import type { V1Container } from '@kubernetes/client-node';

function container(kubernetes: object): V1Container {
  const fleet = { engine: 'kubernetes', kubernetes: { image: 'bagfleet:1', ...kubernetes } };
  const job = parseJob({ data: { manifest: 's3://b/m.json' }, store: { uri: 's3://b/runs' }, fleet }, 'test');
  const made = coordinatorJob(job, { run: 'r-1', uri: 's3://b/runs/r-1' });
  return made.spec?.template.spec?.containers[0] as V1Container;
}

function settingOf({ env = [] }: V1Container, name: string): string | undefined {
  return env.find((variable) => variable.name === name)?.value;
}

describe("the coordinator's probes", () => {
  it('ask the port that the pod declares for its metrics, by its name', () => {
    const made = container({});
    const port = made.ports?.find(({ name }) => name === 'metrics')?.containerPort;
    assert.equal(String(port), settingOf(made, 'BAGFLEET_METRICS_PORT'));
    const probes = [made.startupProbe, made.livenessProbe, made.readinessProbe];
    assert.deepEqual(
      probes.map((probe) => [probe?.httpGet?.path, probe?.httpGet?.port]),
      [
        ['/healthz', 'metrics'],
        ['/healthz', 'metrics'],
        ['/readyz', 'metrics'],
      ],
    );
  });

  it('are not there on the host network, where the port is any free one', () => {
    const made = container({ hostNetwork: true });
    assert.equal(settingOf(made, 'BAGFLEET_METRICS_PORT'), '0');
    assert.deepEqual(made.ports, []);
    assert.deepEqual(
      [made.startupProbe, made.livenessProbe, made.readinessProbe],
      [undefined, undefined, undefined],
    );
  });

  it('go with logs in JSON', () => {
    assert.equal(settingOf(container({}), 'BAGFLEET_LOG_FORMAT'), 'json');
  });
});
