/** The variables that decide how TensorFlow computes: part of the result, so launchers set them. */

/**
 * What a launcher adds to the environment of a worker process. TensorFlow reads these once, when it is loaded,
 * and from the process's environment (not from a thread's copy), so they must be there from the start.
 * @param threads per operation, 1 or more
 */
export function computeEnvironment(threads: number): Record<string, string> {
  return {
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: '1',
    TF_CPP_MIN_LOG_LEVEL: '1',
    // By default TensorFlow decides by the processor; all of a fleet shall decide alike, and these kernels are the faster.
    TF_ENABLE_ONEDNN_OPTS: '1',
    // On a GPU: the same kernel for the same operation each time, and full float32.
    TF_DETERMINISTIC_OPS: '1',
    TF_CUDNN_USE_AUTOTUNE: '0',
    NVIDIA_TF32_OVERRIDE: '0',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  };
}
