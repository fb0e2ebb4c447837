/**
 * In: a name, an image, a command. Out: a Job that the *restricted* Pod Security Standard lets through: not root,
 * no capabilities, a read-only root; only /tmp can be written to.
 */
export function restrictedJob(name: string, image: string, command: readonly string[]): object {
  const container = {
    name: 'main',
    image,
    imagePullPolicy: 'IfNotPresent',
    command,
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
  const pod = {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    // The group is named as well: containerd does not take it from the image.
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10001,
      runAsGroup: 10001,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumes: [{ name: 'tmp', emptyDir: {} }],
    containers: [container],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { backoffLimit: 0, template: { spec: pod } },
  };
}
