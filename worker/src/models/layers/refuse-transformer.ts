/**
 * Settings of a transformer that can't be built, told by their job field.
 */
import type { ModelConfig } from '@bagfleet/proto';
import { refuseSetting } from '../model-input.js';

/** @throws BagfleetError `job-invalid` where the heads do not share the width evenly */
export function refuseUnevenHeads(config: ModelConfig): void {
  const { width, heads } = config.transformer;
  if (width % heads !== 0)
    throw refuseSetting(config, 'transformer.heads', heads, `heads that divide transformer.width, ${width}`);
}

/** @throws BagfleetError `job-invalid` where the input can't be added after each layer */
export function refuseUnlikeWidths(config: ModelConfig, embedding: number): void {
  const { width, layers, addSelf } = config.transformer;
  if (addSelf && layers > 1 && width !== embedding)
    throw refuseSetting(
      config,
      'transformer.width',
      width,
      `with addSelf and ${layers} layers the width of the embedding, ${embedding}`,
    );
}
