/**
 * The cluster as a service account sees it: a kubeconfig with a real token of that account.
 * In: a service account of the test's namespace, a folder. Out: `as`, which carries out what opens the cluster, as that
 * account; what was opened stays so.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterInTests } from './cluster-in-tests.js';

export type ActAs = <T>(open: () => T) => T;

export async function actAs(cluster: ClusterInTests, account: string, folder: string): Promise<ActAs> {
  const token = (await cluster.kubectl(['create', 'token', account])).trim();
  const config = JSON.parse(await cluster.kubectl(['config', 'view', '--raw', '-o', 'json'])) as {
    users: { name: string; user: object }[];
  };
  config.users = config.users.map(({ name }) => ({ name, user: { token } }));
  const file = join(folder, `${account}.kubeconfig`);
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return (open) => {
    const before = process.env.KUBECONFIG;
    process.env.KUBECONFIG = file;
    try {
      return open(); // the product reads the variable before its first await
    } finally {
      if (before === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = before;
    }
  };
}
