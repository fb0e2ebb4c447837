/** `bagfleet doctor`: whether this machine can train, and what to do about what is missing. */
import { BagfleetError } from '@bagfleet/proto';
import type { CommandModule } from 'yargs';
import { type ClusterFlags, withCluster } from './options/cluster-flags.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type StoreFlags, storeOptionsOf, withStore } from './options/store-flags.js';
import { withRunStore } from './run-store.js';
import { paint, print, printJson } from './terminal.js';
import { withoutNativeNoise } from './without-native-noise.js';

interface DoctorFlags extends StoreFlags, ClusterFlags, JsonFlag {
  readonly namespace?: string | undefined;
}

interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly hint?: string;
}

export const doctor: CommandModule<unknown, DoctorFlags> = {
  command: 'doctor',
  describe: 'Check this machine, the store and the cluster',
  builder: (parser) =>
    withJson(withCluster(withStore(parser)))
      .option('namespace', {
        group: 'Kubernetes:',
        type: 'string',
        requiresArg: true,
        describe: "Namespace of the runs [the context's]",
      })
      .example('$0 doctor', 'Node, TensorFlow, threads, GPU, cache, store, cluster')
      .example('$0 doctor --store s3://models/runs', 'Is that bucket reachable from here?')
      .example('$0 doctor --context production --namespace bagfleet', 'Are accounts and roles there?')
      .epilogue('The exit code is 0 if this machine can train, else 1. It needs no cluster for that.'),
  handler: async (flags) => {
    const { inspectMachine } = await import('@bagfleet/worker/engine/inspect-machine');
    const { inspectCluster } = await import('../kubernetes/inspect-cluster.js');
    const { context = null, namespace = null } = flags;
    const findings: Finding[] = [
      ...(await withoutNativeNoise(inspectMachine)),
      await storeFinding(flags),
      ...(await inspectCluster({ context, namespace })),
    ];
    const canTrain =
      (await backendLoads()) && findings.every(({ name, ok }) => ok || !['node', 'store'].includes(name));
    if (flags.json) printJson({ canTrain, findings });
    else for (const finding of findings) print(linesOf(finding));
    if (!canTrain) process.exitCode = 1;
  },
};

/** WebAssembly is a finding that asks for a look, but it trains. */
async function backendLoads(): Promise<boolean> {
  const { loadBackend } = await import('@bagfleet/worker/engine/backend');
  return loadBackend().then(
    () => true,
    () => false,
  );
}

async function storeFinding(flags: StoreFlags): Promise<Finding> {
  const { uri } = storeOptionsOf(flags);
  try {
    await withRunStore(flags, (store) => store.folders(''));
    return { name: 'store', ok: true, found: uri };
  } catch (thrown) {
    if (!(thrown instanceof BagfleetError)) throw thrown;
    const found = `${thrown.culprit ?? uri}: ${thrown.message}`;
    return { name: 'store', ok: false, found, ...(thrown.hint === undefined ? {} : { hint: thrown.hint }) };
  }
}

function linesOf({ name, ok, found, hint }: Finding): string {
  const head = `${ok ? paint('green', '✓') : paint('red', '✗')} ${name.padEnd(8)} ${found}`;
  return hint === undefined ? head : `${head}\n${' '.repeat(11)}${hint}`;
}
