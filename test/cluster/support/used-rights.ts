/**
 * Which calls of the API each file of the product makes, and what rights follow: the roles in k8s/base are held
 * against this, and this against the code.
 * A file that calls the API of Kubernetes has a row here, with the methods of ClusterObjects that it calls; besides
 * `watch` (an ObjectWatch) and `log` (a pod's output).
 */
export type Side = 'coordinator' | 'submitter';
type Method = 'get' | 'list' | 'create' | 'dryRun' | 'apply' | 'patch' | 'delete' | 'watch' | 'log';

interface Row {
  readonly side: Side;
  readonly calls: Partial<Record<Method, readonly string[]>>;
}

/** Paths below orchestrator/src. */
export const CALLS: Readonly<Record<string, Row>> = {
  'launch/kubernetes/in-pod.ts': {
    side: 'coordinator',
    calls: { get: ['jobs', 'pods'], patch: ['jobs'] },
  },
  'launch/kubernetes/cron-jobs.ts': {
    side: 'submitter',
    calls: {
      get: ['cronjobs'],
      apply: ['cronjobs'],
      patch: ['cronjobs'],
      delete: ['cronjobs'],
      create: ['jobs'],
    },
  },
  'submit/end-in-cluster.ts': {
    side: 'submitter',
    calls: { list: ['jobs', 'pods'], delete: ['jobs'] },
  },
  'launch/kubernetes/run-secrets.ts': {
    side: 'coordinator',
    calls: { get: ['secrets'], create: ['secrets'], apply: ['secrets'] },
  },
  'launch/kubernetes/workers-size.ts': {
    side: 'coordinator',
    calls: { get: ['jobs'], apply: ['jobs'], patch: ['jobs'], delete: ['jobs'] },
  },
  'launch/kubernetes/announce/job-announcer.ts': {
    side: 'coordinator',
    calls: { patch: ['jobs'], create: ['events'] },
  },
  'launch/kubernetes/pod-launcher.ts': { side: 'coordinator', calls: { watch: ['pods'] } },
  'launch/kubernetes/end-pod.ts': { side: 'coordinator', calls: { delete: ['pods'] } },
  'launch/kubernetes/pod-log.ts': { side: 'coordinator', calls: { log: ['pods/log'] } },
  'launch/kubernetes/hold-up-events.ts': {
    side: 'coordinator',
    calls: { get: ['jobs'], list: ['events'] },
  },
  'submit/start-in-cluster.ts': {
    side: 'submitter',
    calls: { get: ['jobs'], create: ['jobs'], delete: ['jobs'] },
  },
  'submit/look-at-coordinator.ts': {
    side: 'submitter',
    calls: { get: ['jobs'], list: ['pods', 'events'], log: ['pods/log'] },
  },
};

/** Rights that no row above explains, and who needs them. */
export const BESIDES: Readonly<Record<Side, readonly string[]>> = {
  coordinator: [],
  submitter: [
    // `kubectl get cronjobs`.
    'list cronjobs',
  ],
};

/** Server-side apply is a patch, and creates what is not there. */
const VERBS: Readonly<Record<Method, readonly string[]>> = {
  get: ['get'],
  list: ['list'],
  create: ['create'],
  dryRun: ['create'],
  apply: ['create', 'patch'],
  patch: ['patch'],
  delete: ['delete'],
  watch: ['list', 'watch'],
  log: ['get'],
};

/** `get jobs`, sorted, each once: what the calls of one side need. */
export function rightsOf(side: Side): string[] {
  const rows = Object.values(CALLS).filter((row) => row.side === side);
  const needed = rows.flatMap(({ calls }) =>
    Object.entries(calls).flatMap(([method, resources]) =>
      resources.flatMap((resource) => VERBS[method as Method].map((verb) => `${verb} ${resource}`)),
    ),
  );
  return [...new Set(needed)].sort();
}

const CALL = /objects\s*\.(get|list|create|dryRun|apply|patch|delete)\b/g;

/** The methods that a file calls, by its text. */
export function methodsIn(source: string): Set<string> {
  const found = new Set([...source.matchAll(CALL)].map(([, method]) => method));
  if (source.includes('new ObjectWatch')) found.add('watch');
  if (/new Log\(|\/log`/.test(source)) found.add('log');
  return found;
}
