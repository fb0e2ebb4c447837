/**
 * A job file as argument, with flags for its common fields and `--set` for all others.
 * In: words of the command line. Out: the resolved job.
 */
import { FLEET_ENGINES, type JobSpec } from '@bagfleet/proto';
import type { Argv } from 'yargs';
import { loadJob } from '../../job-file/load-job.js';
import { type Override, parseAssignment } from '../../job-file/override.js';
import { type StoreFlags, storeOverrides, withStore } from './store-flags.js';

export interface JobFlags extends StoreFlags {
  readonly job: string;
  readonly set: readonly string[];
  readonly name?: string | undefined;
  readonly seed?: number | undefined;
  readonly epochs?: number | undefined;
  readonly batch?: number | undefined;
  readonly workers?: number | undefined;
  readonly on?: string | undefined;
  readonly namespace?: string | undefined;
  readonly image?: string | undefined;
}

const GROUP = 'Job fields:';

export function withJob<T>(parser: Argv<T>): Argv<T & JobFlags> {
  const described = parser
    .positional('job', {
      type: 'string',
      demandOption: true,
      describe: 'Job file, YAML or JSON; - reads standard input',
    })
    .nargs('job', 1) // else yargs reads a lone dash as no value
    .option('set', {
      group: GROUP,
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      defaultDescription: 'none',
      describe: 'Set any field: --set train.batch=16 (repeatable)',
    })
    .option('name', { group: GROUP, type: 'string', requiresArg: true, describe: 'name' })
    .option('seed', { group: GROUP, type: 'number', requiresArg: true, describe: 'seed' })
    .option('epochs', { group: GROUP, type: 'number', requiresArg: true, describe: 'train.epochs' })
    .option('batch', {
      group: GROUP,
      type: 'number',
      requiresArg: true,
      describe: 'train.batch: bags per step, over all workers',
    })
    .option('workers', { group: GROUP, type: 'number', requiresArg: true, describe: 'fleet.workers' })
    .option('on', {
      group: GROUP,
      choices: FLEET_ENGINES,
      requiresArg: true,
      describe: 'fleet.engine: processes of this machine, or pods',
    })
    .option('namespace', {
      group: GROUP,
      type: 'string',
      requiresArg: true,
      describe: 'fleet.kubernetes.namespace',
    })
    .option('image', { group: GROUP, type: 'string', requiresArg: true, describe: 'fleet.kubernetes.image' });
  return withStore(described) as unknown as Argv<T & JobFlags>;
}

export function jobOverrides(flags: JobFlags): Override[] {
  const short: readonly (readonly [string, unknown, string])[] = [
    ['name', flags.name, '--name'],
    ['seed', flags.seed, '--seed'],
    ['train.epochs', flags.epochs, '--epochs'],
    ['train.batch', flags.batch, '--batch'],
    ['fleet.workers', flags.workers, '--workers'],
    ['fleet.engine', flags.on, '--on'],
    ['fleet.kubernetes.namespace', flags.namespace, '--namespace'],
    ['fleet.kubernetes.image', flags.image, '--image'],
  ];
  const given = short.filter(([, value]) => value !== undefined);
  return [
    ...flags.set.map(parseAssignment),
    ...given.map(([path, value, origin]) => ({ path: path.split('.'), value, origin })),
    ...storeOverrides(flags),
  ];
}

export function jobOf(flags: JobFlags): Promise<JobSpec> {
  return loadJob({
    file: flags.job,
    overrides: jobOverrides(flags),
    workingFolder: process.cwd(),
    defaultStore: process.env.BAGFLEET_STORE,
  });
}
