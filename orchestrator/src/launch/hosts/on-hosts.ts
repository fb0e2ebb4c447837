/**
 * A coordinator on the first of several hosts; the workers come by themselves.
 * In: BAGFLEET_TOKEN (the same on all hosts), BAGFLEET_HOST (this host's address), and from the keeper BAGFLEET_HOLDER,
 * BAGFLEET_DEAD_HOLDER. Out: its surroundings.
 */
import type { JobSpec } from '@bagfleet/proto';
import { NOBODY_LISTENS } from '../announcer.js';
import { requiredVariable } from '../required-variable.js';
import type { Surroundings } from '../surroundings.js';
import { AwaitedWorkers } from './awaited-workers.js';

export function onHosts({ fleet }: JobSpec): Surroundings {
  return {
    launcher: new AwaitedWorkers(),
    announcer: NOBODY_LISTENS,
    token: requiredVariable('BAGFLEET_TOKEN'),
    identity: null,
    holder: requiredVariable('BAGFLEET_HOLDER'),
    deadHolder: process.env.BAGFLEET_DEAD_HOLDER ?? null,
    listenAt: { host: requiredVariable('BAGFLEET_HOST'), port: fleet.port },
    vitalsAt: null,
    apiCalls: null,
    isEndOfRun: async () => true,
  };
}
