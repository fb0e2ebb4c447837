/**
 * The job's sampler. In: data.sampler, the shape of the instances. Out: a Sampler, or an error that says what does not
 * fit.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import type { SamplerSpec } from '@bagfleet/proto/sampler-spec';
import { customSampler } from './custom.js';
import { gridSampler } from './grid.js';
import { randomSampler } from './random.js';
import { regionSampler } from './region.js';
import type { Sampler } from './sampler.js';
import { tissueSampler } from './tissue.js';

/** @throws BagfleetError `job-invalid` */
export function createSampler(spec: SamplerSpec, instanceShape: readonly number[]): Sampler {
  const { kind, bagSize, cells, minTissue, source } = spec;
  switch (kind) {
    case 'all':
      return () => null;
    case 'random':
      return randomSampler(bagSize);
    case 'region':
      return regionSampler(bagSize);
    case 'grid':
      return gridSampler(bagSize, cells);
    case 'tissue':
      if (instanceShape.length !== 3 || instanceShape[2] !== 3)
        throw misfit('kind', 'tissue is seen on tiles of three channels only', instanceShape);
      return tissueSampler(bagSize, minTissue);
    case 'custom':
      if (source === null) throw misfit('file', 'custom needs the file of a sampler', instanceShape);
      return customSampler(source, bagSize);
  }
}

function misfit(field: string, message: string, shape: readonly number[]): BagfleetError {
  return new BagfleetError('job-invalid', `${message}; instances are [${shape.join(', ')}]`, {
    culprit: `job field data.sampler.${field}`,
    hint: 'See docs/sampling.md for the samplers that there are.',
  });
}
