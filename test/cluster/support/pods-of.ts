/**
 * Pod Security admits pods, and only warns about what will make them. So that both are asked:
 * In: a manifest. Out: the pod that its controller would make of it; null if it makes none.
 */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: { readonly template?: PodTemplate };
}

interface PodTemplate {
  readonly metadata?: object;
  readonly spec?: object;
}

export function podOf({ metadata: { name }, spec }: Manifest): object | null {
  if (!spec?.template) return null;
  const { metadata, spec: pod } = spec.template;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name }, spec: pod };
}
