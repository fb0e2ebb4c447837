/**
 * The output of many pods through an API server that answers in every way it can: a real server over TLS, on loopback.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterObjects } from '@bagfleet/orchestrator/kubernetes/cluster-objects';
import { FewAtOnce } from '@bagfleet/orchestrator/kubernetes/few-at-once';
import { LogConnections } from '@bagfleet/orchestrator/launch/kubernetes/log-connections';
import { PodLog } from '@bagfleet/orchestrator/launch/kubernetes/pod-log';
import { KubeConfig } from '@kubernetes/client-node';
import { testIdentities } from '../../support/test-identities.js';

const PODS = 200;
const AT_ONCE = 4;
const NAMESPACE = 'n';

describe("pods' output", () => {
  let server: Server;
  let answer: RequestListener;
  let asked: URL[];
  let connections: LogConnections | null;
  let connected: number;
  let logs: PodLog[];

  beforeEach(async () => {
    const { certificate, key } = (await testIdentities()).ours.coordinator;
    asked = [];
    logs = [];
    connections = null;
    connected = 0;
    server = createServer({ cert: certificate, key }, (request, response) => {
      asked.push(new URL(request.url ?? '', 'https://server'));
      answer(request, response);
    });
    server.on('secureConnection', () => connected++);
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(() => {
    for (const log of logs) log.close();
    server.closeAllConnections();
    server.close();
  });

  function follow(pod: string, onLine: (line: string) => void = () => undefined): PodLog {
    connections ??= connect();
    const log = new PodLog({ connections, pod, container: 'worker', after: null, onLine });
    logs.push(log);
    return log;
  }

  function connect(): LogConnections {
    const config = new KubeConfig();
    const { port } = server.address() as AddressInfo;
    config.loadFromClusterAndUser(
      { name: 'c', server: `https://127.0.0.1:${port}`, skipTLSVerify: true },
      { name: 'u', token: 't' },
    );
    const cluster = { config, namespace: NAMESPACE, objects: new ClusterObjects(config, NAMESPACE) };
    return new LogConnections(cluster, new FewAtOnce(AT_ONCE));
  }

  it('costs few requests, few at a time, where no kubelet answers', async () => {
    let open = 0;
    let most = 0;
    answer = (_, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        response.writeHead(502).end('the kubelet is away');
      }, 2);
    };
    for (let k = 0; k < PODS; k++) follow(`p${k}`);
    await until(() => asked.length >= PODS);
    await sleep(3500);
    assert.ok(most <= AT_ONCE, `${most} at a time`);
    // At once, after one second, after two more.
    assert.ok(asked.length <= 3 * PODS, `${asked.length} requests`);
    assert.ok(connected < PODS, `${connected} connections`);
  });

  it('comes from others although some pods are silent', async () => {
    const lines: string[] = [];
    answer = ({ url }, response) => {
      if (url?.includes('/silent')) return;
      response.end('2026-01-01T00:00:00.5Z here I am\n');
    };
    for (let k = 0; k < AT_ONCE; k++) follow(`silent${k}`);
    follow('other', (line) => lines.push(line));
    await until(() => lines.length > 0);
    assert.deepEqual(lines, ['here I am']);
  });

  it('is told once, in order, although the stream breaks, and to the last line', async () => {
    const lines: string[] = [];
    const all = ['2026-01-01T00:00:00.5Z one', '2026-01-01T00:00:00.75Z two', '2026-01-01T00:00:01Z three'];
    answer = ({ url }, response) => {
      const isFirst = asked.length === 1;
      const isFollowed = url?.includes('follow=true');
      response.write(`${all.slice(0, isFirst ? 1 : isFollowed ? 2 : 3).join('\n')}\n`);
      if (isFirst) setTimeout(() => response.destroy(), 50);
      else if (!isFollowed) response.end();
    };
    const log = follow('p', (line) => lines.push(line));
    await until(() => lines.length === 2);
    assert.equal(asked[1].searchParams.get('sinceTime'), '2026-01-01T00:00:00Z');
    server.closeAllConnections();
    await log.end();
    assert.deepEqual(lines, ['one', 'two', 'three']);
  });

  it('ends at once when its pod is gone', async () => {
    answer = (_, response) => void response.writeHead(404).end();
    const log = follow('p');
    await until(() => asked.length === 1);
    await log.end();
    assert.ok(asked.length <= 3, `${asked.length} requests`);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!isSo()) {
    assert.ok(performance.now() < deadline, 'it did not happen in time');
    await sleep(20);
  }
}
