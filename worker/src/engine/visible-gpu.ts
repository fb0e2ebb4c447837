/**
 * Which GPU a worker process sees: one, or none.
 * In: the worker's place in the fleet or on its node, how many GPUs there are, the environment of whoever starts it.
 * Out: what CUDA reads. With more workers than GPUs they share; with 0 GPUs they are hidden, so that the result does
 * not depend on whether there is one.
 */

type Environment = Readonly<Record<string, string | undefined>>;

/** To CUDA an index that no device has ends the list. */
const NONE = '-1';

export function visibleGpu(worker: number, gpus: number, env: Environment): Record<string, string> {
  return { CUDA_VISIBLE_DEVICES: gpus === 0 ? NONE : deviceOf(worker % gpus, env.CUDA_VISIBLE_DEVICES) };
}

/** Of a user or a device plugin that has chosen GPUs already, the choice stands. */
function deviceOf(gpu: number, chosen: string | undefined): string {
  const devices = (chosen ?? '').split(',').filter((device) => device !== '');
  return devices[gpu] ?? (devices.length === 0 ? String(gpu) : NONE);
}
