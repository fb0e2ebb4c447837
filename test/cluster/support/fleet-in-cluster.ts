/**
 * All that a run on the test cluster needs, for the tests of one `describe`: a namespace with bagfleet's accounts and
 * roles, the project's own image, a real S3 server with MNIST-bags in it, and its credentials as a Secret.
 * In: called inside the `describe`. Out: job files, the command line, and questions about what is there.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type EventRow, parseJob, RUN_FILES, type StoreOptions } from '@bagfleet/proto';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { type CliResult, runCli } from '../../support/run-cli.js';
import { type S3InTests, s3InTests } from '../../support/s3-server.js';
import { type TempFolder, tempFolder } from '../../support/temp-folder.js';
import { type ClusterInTests, clusterInTests } from './cluster-in-tests.js';
import { workerImage } from './worker-image.js';

const BASE = fileURLToPath(new URL('../../../k8s/base/', import.meta.url));
const REGION = 'us-east-1';
const IMAGE_MS = 20 * 60_000;
const LOOK_MS = 300;

export interface FleetInCluster {
  readonly cluster: ClusterInTests;
  readonly s3: S3InTests;
  /** The project's own, in the cluster. */
  readonly image: string;
  /** Where runs lie. */
  readonly store: string;
  /** How this process reaches the S3 server. */
  readonly access: StoreOptions;
  /** Writes a job file: MNIST-bags, `changes` deep in its fleet or over its fields. */
  job(changes?: JobChanges): string;
  bagfleet(...words: string[]): Promise<CliResult>;
  /** `submit`, with what it has said by now. */
  follow(job: string): { readonly said: () => string; readonly end: Promise<CliResult> };
  /** Starts it and returns its id. */
  submit(job: string, ...words: string[]): Promise<string>;
  status(run: string): Promise<RunSeen>;
  /** Waits until the run is seen so. */
  until(run: string, what: string, isSo: (seen: RunSeen) => boolean, seconds?: number): Promise<RunSeen>;
  /** What happened to it, oldest first, as far as it is stored. */
  events(run: string): Promise<EventRow[]>;
  /** sha256 of each checkpoint's model, by step. */
  models(run: string): Promise<Record<string, string>>;
  /** As `kubectl drain` does it; `pod` as `pod/name`. */
  evict(pod: string): Promise<void>;
  /** Names of the run's objects, of every kind that has any. */
  objects(run: string): Promise<string[]>;
}

export interface JobChanges {
  readonly epochs?: number;
  readonly fleet?: Readonly<Record<string, unknown>>;
  readonly kubernetes?: Readonly<Record<string, unknown>>;
  readonly job?: Readonly<Record<string, unknown>>;
}

export interface RunSeen {
  readonly run: string;
  readonly state: string;
  readonly problem: string | null;
  readonly status: {
    readonly phase: string;
    readonly epoch: number;
    readonly step: number;
    readonly steps: number;
    readonly workers: number;
    readonly error: { readonly message: string } | null;
  } | null;
}

export function fleetInCluster(trainBags = 60): FleetInCluster {
  const cluster = clusterInTests();
  const s3 = s3InTests('versitygw');
  const folder: TempFolder = tempFolder();
  let image = '';
  let server = '';
  let files = 0;
  const access = () => ['--endpoint', s3.endpoint, '--region', REGION];
  const env = () => ({
    KUBECONFIG: cluster.kubeconfig,
    AWS_REGION: REGION,
    BAGFLEET_STORE: `s3://${s3.bucket}/runs`,
  });
  const bagfleet = (...words: string[]) => runCli([...words, ...access()], { env: env() });

  before('prepare image, accounts and bags', async function () {
    this.timeout(IMAGE_MS);
    image = await workerImage(cluster);
    server = await cluster.kubectl([
      'config',
      'view',
      '--minify',
      '-o',
      'jsonpath={.clusters[0].cluster.server}',
    ]);
    for (const file of ['service-accounts.yaml', 'roles.yaml'])
      await cluster.kubectl(['apply', '-f', join(BASE, file)]);
    const literals = Object.entries({ ...s3.env, AWS_REGION: REGION }).map(
      ([k, v]) => `--from-literal=${k}=${v}`,
    );
    await cluster.kubectl(['create', 'secret', 'generic', 's3', ...literals]);
    const bags = ['--train-bags', String(trainBags), '--val-bags', '20', '--test-bags', '20'];
    succeeded(await bagfleet('data', 'demo', '--to', `s3://${s3.bucket}/mnist`, ...bags));
  });

  const json = async (...words: string[]) => JSON.parse(succeeded(await bagfleet(...words, '--json')));
  const status = (run: string): Promise<RunSeen> => json('status', run);
  return {
    cluster,
    s3,
    get image() {
      return image;
    },
    get store() {
      return `s3://${s3.bucket}/runs`;
    },
    get access() {
      return accessTo(s3);
    },
    job: ({ epochs = 2, fleet = {}, kubernetes = {}, job = {} } = {}) => {
      const path = join(folder.path, `job-${files++}.json`);
      writeFileSync(
        path,
        JSON.stringify(jobOf({ image, server, cluster, s3, epochs, fleet, kubernetes, job })),
      );
      return path;
    },
    bagfleet,
    follow: (job) => {
      let said = '';
      const onErrors = (soFar: string) => {
        said = soFar;
      };
      return { said: () => said, end: runCli(['submit', job, ...access()], { env: env(), onErrors }) };
    },
    submit: async (job, ...words) => succeeded(await bagfleet('submit', job, '--detach', ...words)).trim(),
    status,
    until: async (run, what, isSo, seconds = 120) => {
      const deadline = performance.now() + seconds * 1000;
      for (;;) {
        const seen = await status(run);
        if (isSo(seen)) return seen;
        if (seen.state === 'failed') assert.fail(`failed before ${what}: ${seen.status?.error?.message}`);
        if (performance.now() > deadline) assert.fail(`not ${what} in ${seconds} s: ${JSON.stringify(seen)}`);
        await sleep(LOOK_MS);
      }
    },
    events: async (run) => {
      const store = await openStore(`s3://${s3.bucket}/runs`, accessTo(s3));
      const { bytes } = await store.get(`${run}/${RUN_FILES.events}`).finally(() => store.close());
      const lines = new TextDecoder().decode(bytes).trim().split('\n');
      return lines.map((line) => JSON.parse(line) as EventRow);
    },
    models: async (run) => {
      const rows = (await json('checkpoints', 'list', run)) as { step: number; sha256: string }[];
      return Object.fromEntries(rows.map(({ step, sha256 }) => [String(step), sha256]));
    },
    evict: (pod) => evict(cluster, pod),
    objects: (run) => objectsOf(cluster, run),
  };
}

function accessTo({ bucket, endpoint }: S3InTests): StoreOptions {
  const store = { uri: `s3://${bucket}/runs`, endpoint, region: REGION };
  return parseJob({ data: { manifest: 'm' }, store }, 'test').store;
}

interface JobParts extends Required<JobChanges> {
  readonly image: string;
  /** URL of the API server. */
  readonly server: string;
  readonly cluster: ClusterInTests;
  readonly s3: S3InTests;
}

/** hostNetwork and the API server's address: this cluster has no network for pods and no proxy for services. */
function jobOf({ image, server, cluster, s3, epochs, fleet, kubernetes, job }: JobParts): object {
  const { hostname, port } = new URL(server);
  const environment = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  return {
    name: 'mnist',
    data: {
      manifest: `s3://${s3.bucket}/mnist/manifest.json`,
      normalize: { mean: [0.1307], std: [0.3081] },
    },
    model: { name: 'lenet_abmil', hidden: 500, attention: 128 },
    train: { epochs },
    fleet: {
      engine: 'kubernetes',
      workers: 2,
      leaseTimeout: 5,
      ...fleet,
      kubernetes: {
        namespace: cluster.namespace,
        image,
        hostNetwork: true,
        cpuShare: 0.1,
        memory: '2Gi',
        coordinatorMemory: '512Mi',
        secrets: ['s3'],
        ...kubernetes,
        environment: { ...environment, ...(kubernetes.environment as object | undefined) },
      },
    },
    store: { uri: `s3://${s3.bucket}/runs`, endpoint: s3.endpoint, region: REGION },
    ...job,
  };
}

async function evict(cluster: ClusterInTests, pod: string): Promise<void> {
  const name = pod.replace('pod/', '');
  const eviction = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace: cluster.namespace },
  };
  const path = `/api/v1/namespaces/${cluster.namespace}/pods/${name}/eviction`;
  await cluster.kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
}

async function objectsOf(cluster: ClusterInTests, run: string): Promise<string[]> {
  const kinds = (await cluster.kubectl(['api-resources', '--verbs=list', '--namespaced', '-o', 'name']))
    .trim()
    .split('\n')
    // They only tell what was, and go by themselves.
    .filter((kind) => !kind.startsWith('events'));
  const found = await cluster.kubectl([
    'get',
    kinds.join(','),
    '-l',
    `bagfleet.dev/run=${run}`,
    '-o',
    'name',
  ]);
  return found.trim().split('\n').filter(Boolean);
}

export function succeeded({ code, stdout, stderr }: CliResult): string {
  assert.equal(code, 0, stderr);
  return stdout;
}
