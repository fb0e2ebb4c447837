/**
 * kwok (Apache-2.0), which plays nodes and pods that do not run: compiled by Go when it is needed for the first time.
 * In: the cache folder. Out: the paths of the program and of what it does with nodes and pods.
 */
import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeFolder } from '../../../scripts/setup/make-folder.mjs';
import { lastLine, runCommand } from '../../../scripts/setup/run-command.mjs';

const VERSION = 'v0.8.0';
/** Pods run until they are deleted: the stage that completes a Job's pods at once is left out. */
const STAGES = [
  'node/fast/node-initialize.yaml',
  'node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
  'pod/fast/pod-ready.yaml',
  'pod/fast/pod-delete.yaml',
];

export interface Kwok {
  readonly program: string;
  readonly stages: readonly string[];
}

export async function installKwok(cache: string, say: (line: string) => void): Promise<Kwok> {
  const folder = join(cache, 'cluster', `kwok-${VERSION}-${process.arch}`);
  await makeFolder(folder, { version: VERSION, stages: STAGES.join() }, async (unfinished) => {
    say(`Building kwok ${VERSION} with Go (some minutes, once per machine)`);
    const env = { ...process.env, GOBIN: unfinished, CGO_ENABLED: '0' };
    await go(['install', `sigs.k8s.io/kwok/cmd/kwok@${VERSION}`], env);
    const modules = (await go(['env', 'GOMODCACHE'], env)).trim();
    const stages = join(modules, 'sigs.k8s.io', `kwok@${VERSION}`, 'kustomize', 'stage');
    for (const stage of STAGES) copyFileSync(join(stages, stage), join(unfinished, basename(stage)));
  });
  return { program: join(folder, 'kwok'), stages: STAGES.map((stage) => join(folder, basename(stage))) };
}

async function go(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const finished = await runCommand('go', args, { env });
  if (finished.code !== 0) throw new Error(`kwok could not be built: ${lastLine(finished)}`);
  return finished.stdout;
}
