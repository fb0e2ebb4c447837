/**
 * `bagfleet host`: this host's part in a run on several hosts. The first one coordinates, all compute.
 * In: the run's folder and which host this is, by flags or as SageMaker tells its containers. Out: the exit code of its
 * workers: 0 when the run is complete.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BagfleetError, parseJob, RUN_FILES, type StoreOptions } from '@bagfleet/proto';
import { computeEnvironment } from '@bagfleet/worker/engine/compute-environment';
import { runNode } from '@bagfleet/worker/node/run-node';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { CommandModule } from 'yargs';
import { coordinateHere } from '../launch/hosts/first-host.js';
import { type HostPlace, placeInSageMaker, SAGEMAKER_FOLDER } from '../launch/hosts/host-layout.js';
import { workersPerPod } from '../launch/worker-places.js';
import { type StoreFlags, storeOptionsOf, withStore } from './options/store-flags.js';
import { print } from './terminal.js';

interface HostFlags extends StoreFlags {
  readonly folder?: string | undefined;
  readonly index?: number | undefined;
  readonly hosts?: number | undefined;
  readonly address?: string | undefined;
  readonly sagemaker: string;
}

export const host: CommandModule<unknown, HostFlags> = {
  command: 'host [folder]',
  describe: "This host's part in a run on several hosts",
  builder: (parser) =>
    withStore(parser)
      .positional('folder', {
        type: 'string',
        describe: "The run's folder, as `submit --on hosts` prints it; without it, as SageMaker tells",
      })
      .option('index', { type: 'number', requiresArg: true, describe: 'Which host this is, from 0' })
      .option('hosts', { type: 'number', requiresArg: true, describe: 'How many there are' })
      .option('address', { type: 'string', requiresArg: true, describe: 'Where the others reach this one' })
      .option('sagemaker', {
        type: 'string',
        requiresArg: true,
        default: SAGEMAKER_FOLDER,
        describe: "Folder of SageMaker's configuration",
      })
      .example('$0 host s3://models/runs/slides-1 --index 0 --hosts 2 --address 10.0.0.5', '')
      .epilogue(
        'BAGFLEET_TOKEN must be the same secret on all hosts. Between hosts nothing is encrypted by bagfleet: use a ' +
          "private network, in SageMaker with EnableInterContainerTrafficEncryption. Workers' output goes to this " +
          "host's own, not into the run's folder.",
      ) as never,
  handler: async (flags) => {
    const token = process.env.BAGFLEET_TOKEN;
    if (!token) throw noToken();
    const place = placeOf(flags);
    const access = storeOptionsOf(flags);
    const { run, workers, environment, leaseTimeout } = await readRunOf(place, access);
    print(`host ${place.index + 1} of ${place.hosts}: ${workers} of the workers of ${run}`);
    const stop = new AbortController();
    process.on('SIGTERM', () => stop.abort());
    const { uri, index, address } = place;
    const { signal } = stop;
    const coordinating = index === 0 ? coordinateHere({ uri, access, address, leaseTimeout, signal }) : 0;
    const computed = await runNode({
      program: fileURLToPath(import.meta.resolve('@bagfleet/worker/worker-main')),
      ...{ run, index, gpus: workers, uid: randomUUID(), port: 0 },
      environment: { ...process.env, ...environment },
      onLine: print,
      signal,
    });
    process.exitCode = computed || (await coordinating);
  },
};

async function readRunOf(place: HostPlace, access: StoreOptions) {
  const store = await openStore(place.uri, access);
  try {
    const { bytes } = await store.get(RUN_FILES.job);
    const job = parseJob(JSON.parse(new TextDecoder().decode(bytes)), `${store.uri}/${RUN_FILES.job}`);
    const workers = workersPerPod(job.fleet);
    if (job.fleet.workers > workers * place.hosts) throw tooFew(job.fleet.workers, workers, place.hosts);
    const environment = {
      ...computeEnvironment(job.fleet.threadsPerWorker),
      BAGFLEET_RUN: place.uri,
      BAGFLEET_RUN_STORE: JSON.stringify(access),
      BAGFLEET_HOST: place.address,
    };
    const { leaseTimeout } = job.fleet;
    return { run: place.uri.split('/').at(-1) ?? place.uri, workers, environment, leaseTimeout };
  } finally {
    store.close();
  }
}

function placeOf({ folder, index, hosts, address, sagemaker }: HostFlags): HostPlace {
  if (folder === undefined)
    return placeInSageMaker(
      readConfig(join(sagemaker, 'resourceconfig.json')),
      readConfig(join(sagemaker, 'hyperparameters.json')),
    );
  if (index === undefined || hosts === undefined || address === undefined)
    throw new BagfleetError('usage', '--index, --hosts and --address are needed with a folder');
  if (!Number.isInteger(index) || !Number.isInteger(hosts) || index < 0 || index >= hosts)
    throw new BagfleetError('usage', `must be a whole number from 0 to ${hosts - 1}, not ${index}`, {
      culprit: '--index',
    });
  return { uri: folder.replace(/\/+$/, ''), index, hosts, address };
}

function readConfig(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BagfleetError('usage', `can't be read: ${(cause as Error).message}`, {
      culprit: path,
      hint: 'Outside SageMaker give the folder of the run, --index, --hosts and --address.',
    });
  }
}

function noToken(): BagfleetError {
  return new BagfleetError('usage', 'is not set', {
    culprit: 'BAGFLEET_TOKEN',
    hint: 'Set it to the same secret on all hosts, such as the output of `openssl rand -hex 24`.',
  });
}

function tooFew(wanted: number, perHost: number, hosts: number): BagfleetError {
  return new BagfleetError('usage', `${wanted} workers don't fit on ${hosts} hosts of ${perHost}`, {
    culprit: 'job field fleet.workers',
    hint: 'A host has fleet.gpusPerNode workers, or one on CPUs.',
  });
}
