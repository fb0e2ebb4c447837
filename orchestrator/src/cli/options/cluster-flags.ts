/**
 * Which cluster a command talks to: a context of the user's own kubeconfig, so no field of a job.
 */
import type { Argv } from 'yargs';

export interface ClusterFlags {
  readonly context?: string | undefined;
}

export function withCluster<T>(parser: Argv<T>): Argv<T & ClusterFlags> {
  return parser.option('context', {
    group: 'Kubernetes:',
    type: 'string',
    requiresArg: true,
    describe: 'Context of the kubeconfig [the current one]',
  });
}
