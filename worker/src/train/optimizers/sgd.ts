/**
 * Stochastic gradient descent with momentum, weight decay added to the gradient: the update of torch.optim.SGD.
 */
import type { TrainConfig } from '@bagfleet/proto';
import type { Optimizer } from '../optimizer.js';

export function sgd(settings: Pick<TrainConfig['optimizer'], 'momentum' | 'weightDecay'>): Optimizer {
  const { momentum, weightDecay } = settings;
  return {
    moments: ['momentum_buffer'],
    /** A buffer of zeros makes the first step the plain gradient, as PyTorch's first step is. */
    update({ parameters, gradient, moments, rate }) {
      const { momentum_buffer: velocity } = moments;
      for (let i = 0; i < parameters.length; i++) {
        const v = momentum * velocity[i] + gradient[i] + weightDecay * parameters[i];
        velocity[i] = v;
        parameters[i] -= rate * v;
      }
    },
  };
}
