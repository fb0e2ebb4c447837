/**
 * Entry point of the keeper process, which `bagfleet submit` and `resume` start: it outlives the terminal and keeps
 * a coordinator alive until the run is concluded.
 * In: BAGFLEET_LEASE_TIMEOUT (seconds) for itself; BAGFLEET_RUN, BAGFLEET_RUN_STORE and BAGFLEET_LOG for the
 * coordinators. Out: the exit code of the coordinator that concluded the run.
 */
import { BagfleetError } from '@bagfleet/proto';
import { Keeper } from './keeper.js';

const seconds = Number(process.env.BAGFLEET_LEASE_TIMEOUT);
if (!(seconds > 0)) throw new BagfleetError('bug', 'BAGFLEET_LEASE_TIMEOUT must be set to seconds');
const keeper = new Keeper(seconds * 1000);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => keeper.pass(signal));
process.exit(await keeper.run());
