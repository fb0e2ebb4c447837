/** What is said of a checkpoint: pure text from its manifest. */
import type { CheckpointManifest } from '@bagfleet/proto';

const MODEL_FILE = 'model.safetensors';

/** `mnist-2, step 750 (epoch 30)`. */
export function checkpointWords({ run, progress }: CheckpointManifest): string {
  return `${run}, step ${progress.step} (epoch ${progress.epoch})`;
}

export function modelFile({ files }: CheckpointManifest): CheckpointManifest['files'][number] {
  const file = files.find(({ name }) => name === MODEL_FILE);
  if (!file) throw new Error(`a checked manifest without ${MODEL_FILE}`);
  return file;
}
