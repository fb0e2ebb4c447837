/**
 * etcd, API server, controllers and scheduler on loopback.
 * In: the cluster's folder and kubebox. Out: they answer; a kubeconfig for somebody who may do everything.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../../scripts/s3-server/free-ports.mjs';
import { type ApiServer, askApi } from './ask-api.js';
import { type ClusterProcess, startProcess, untilReady } from './cluster-process.js';

const READY_WITHIN_MS = 90_000;
/** Far above what Kubernetes' programs allow themselves by default: hundreds of pods are made at once in tests. */
const QUICK = ['--kube-api-qps=1000', '--kube-api-burst=1000'];

export interface ControlPlane {
  readonly kubeconfig: string;
  readonly api: ApiServer;
  readonly apiProcess: ClusterProcess;
}

export async function startControlPlane(folder: string, kubebox: string): Promise<ControlPlane> {
  const [client = 0, peer = 0, port = 0, controllersPort = 0, schedulerPort = 0] = await freePorts(5);
  const pki = join(folder, 'pki');
  const token = randomBytes(16).toString('hex');
  const api: ApiServer = { port, token, certificate: join(pki, 'apiserver.crt') };
  writeCredentials(pki, token);
  const start = (name: string, args: readonly string[]) =>
    startProcess(folder, name, kubebox, [name, ...args]);

  const etcd = start('etcd', [
    ...['--data-dir', join(folder, 'etcd')],
    ...['--listen-client-url', `http://127.0.0.1:${client}`],
    ...['--listen-peer-url', `http://127.0.0.1:${peer}`],
  ]);
  const server = start('kube-apiserver', [
    `--etcd-servers=http://127.0.0.1:${client}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--cert-dir=${pki}`,
    `--token-auth-file=${join(pki, 'tokens.csv')}`,
    '--authorization-mode=Node,RBAC',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(pki, 'accounts.pub')}`,
    `--service-account-signing-key-file=${join(pki, 'accounts.key')}`,
    '--allow-privileged=true',
  ]);
  await untilReady('the API server', READY_WITHIN_MS, [etcd, server], () => answers(api, '/readyz'));

  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(api), null, 2), { mode: 0o600 });
  const controllers = start('kube-controller-manager', [
    ...[`--kubeconfig=${kubeconfig}`, `--cert-dir=${join(pki, 'controllers')}`, ...QUICK],
    ...['--bind-address=127.0.0.1', `--secure-port=${controllersPort}`, '--leader-elect=false'],
    `--service-account-private-key-file=${join(pki, 'accounts.key')}`,
    `--root-ca-file=${api.certificate}`,
  ]);
  const scheduler = start('kube-scheduler', [
    ...[`--kubeconfig=${kubeconfig}`, `--cert-dir=${join(pki, 'scheduler')}`, ...QUICK],
    ...['--bind-address=127.0.0.1', `--secure-port=${schedulerPort}`, '--leader-elect=false'],
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--authentication-tolerate-lookup-failure=true',
  ]);
  const all: ClusterProcess[] = [etcd, server, controllers, scheduler];
  await untilReady('the default service account', READY_WITHIN_MS, all, () =>
    answers(api, '/api/v1/namespaces/default/serviceaccounts/default'),
  );
  return { kubeconfig, api, apiProcess: server };
}

async function answers(api: ApiServer, path: string): Promise<boolean> {
  return (await askApi(api, path))?.status === 200;
}

function writeCredentials(pki: string, token: string): void {
  mkdirSync(pki, { recursive: true });
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  writeFileSync(join(pki, 'accounts.key'), privateKey, { mode: 0o600 });
  writeFileSync(join(pki, 'accounts.pub'), publicKey);
  writeFileSync(join(pki, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
}

function kubeconfigFor({ port, certificate, token }: ApiServer): object {
  const name = 'bagfleet-test';
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      { name, cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority': certificate } },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
}
