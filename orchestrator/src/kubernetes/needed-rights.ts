/**
 * What bagfleet has to be allowed in its namespace: the roles of k8s/base, as `doctor` asks for them.
 */
export type Right = readonly [verb: string, group: string, resource: string, subresource?: string];

export const SUBMITTER_RIGHTS: readonly Right[] = [
  ...each(['get', 'list', 'create', 'delete'], 'batch', 'jobs'),
  ...each(['get', 'list', 'create', 'patch', 'delete'], 'batch', 'cronjobs'),
  ['list', '', 'pods'],
  ['get', '', 'pods', 'log'],
  ['list', '', 'events'],
];

export const COORDINATOR_RIGHTS: readonly Right[] = [
  ...each(['get', 'create', 'patch', 'delete'], 'batch', 'jobs'),
  ...each(['get', 'list', 'watch', 'delete'], '', 'pods'),
  ['get', '', 'pods', 'log'],
  ...each(['get', 'create', 'patch'], '', 'secrets'),
  ...each(['list', 'create'], '', 'events'),
];

/** As people say it: get pods/log. */
export function rightWords([verb, , resource, subresource]: Right): string {
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
}

function each(verbs: readonly string[], group: string, resource: string): Right[] {
  return verbs.map((verb) => [verb, group, resource]);
}
