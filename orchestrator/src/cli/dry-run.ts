/**
 * `bagfleet submit --dry-run`: what would be started, for people and for other tools.
 * In: a checked job. Out: manifests as YAML (or one JSON array) with the pods' workers in comments, or the processes of this machine.
 */
import type { JobSpec } from '@bagfleet/proto';
import { stringify } from 'yaml';
import { placesOf } from '../launch/worker-places.js';
import { runName, runUri } from '../submit/start-run.js';
import { fleetWords, placeWords, podLines } from './place-words.js';
import { print, printJson } from './terminal.js';

export async function dryRun(job: JobSpec, json: boolean): Promise<void> {
  const run = runName(job.name, new Date());
  const place = { run, uri: runUri(job.store.uri, run) };
  if (job.fleet.engine === 'kubernetes') {
    const { manifestsOf } = await import('../submit/manifests-of.js');
    const manifests = manifestsOf(job, place);
    if (json) return printJson(manifests);
    const places = placesOf(job.fleet);
    const remarks = [fleetWords(places), ...podLines(places)].map((line) => `# ${line}\n`);
    return print(remarks.join('') + manifests.map((one) => stringify(one)).join('---\n'));
  }
  const places = placesOf(job.fleet);
  const processes = ['coordinator', ...places.map(({ worker }) => worker)];
  if (json) return printJson({ ...place, processes, places });
  print(`${place.run} in ${place.uri}`);
  print('  coordinator');
  for (const one of places) print(`  ${[one.worker, placeWords(one)].join('  ').trimEnd()}`);
}
