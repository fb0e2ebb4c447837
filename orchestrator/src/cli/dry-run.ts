/**
 * `bagfleet submit --dry-run`: what would be started, for people and for other tools.
 * In: a checked job. Out: manifests as YAML (or one JSON array), or the processes of this machine.
 */
import type { JobSpec } from '@bagfleet/proto';
import { stringify } from 'yaml';
import { runName, runUri } from '../submit/start-run.js';
import { print, printJson } from './terminal.js';

export async function dryRun(job: JobSpec, json: boolean): Promise<void> {
  const run = runName(job.name, new Date());
  const place = { run, uri: runUri(job.store.uri, run) };
  if (job.fleet.engine === 'kubernetes') {
    const { manifestsOf } = await import('../submit/manifests-of.js');
    const manifests = manifestsOf(job, place);
    return json ? printJson(manifests) : print(manifests.map((one) => stringify(one)).join('---\n'));
  }
  const processes = ['coordinator', ...Array.from({ length: job.fleet.workers }, (_, k) => `w${k}`)];
  if (json) return printJson({ ...place, processes });
  print(`${place.run} in ${place.uri}`);
  for (const name of processes) print(`  ${name}`);
}
