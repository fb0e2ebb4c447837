/** In: a shell command, what else the pod needs. Out: a pod template that runs it in the cluster's busybox image. */
import { PAUSE_IMAGE } from '../machine/node-settings.js';

export function shellPod(command: string, container: object = {}, pod: object = {}): object {
  return {
    spec: {
      restartPolicy: 'Never',
      hostNetwork: true,
      containers: [
        {
          name: 'main',
          image: PAUSE_IMAGE,
          imagePullPolicy: 'Never',
          command: ['sh', '-c', command],
          ...container,
        },
      ],
      ...pod,
    },
  };
}
