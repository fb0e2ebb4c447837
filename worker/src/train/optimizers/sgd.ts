/**
 * Stochastic gradient descent with momentum, Nesterov's too, weight decay added to the gradient: the update of
 * torch.optim.SGD.
 */
import type { TrainConfig } from '@bagfleet/proto';
import type { Optimizer } from '../optimizer.js';

type SgdSettings = Pick<TrainConfig['optimizer'], 'momentum' | 'nesterov' | 'weightDecay'>;

export function sgd(settings: SgdSettings): Optimizer {
  const { momentum, nesterov, weightDecay } = settings;
  return {
    moments: ['momentum_buffer'],
    /** A buffer of zeros makes the first step the plain gradient, as PyTorch's first step is. */
    update({ parameters, gradient, moments, rate }) {
      const { momentum_buffer: velocity } = moments;
      for (let i = 0; i < parameters.length; i++) {
        const v = momentum * velocity[i] + gradient[i] + weightDecay * parameters[i];
        velocity[i] = v;
        // Nesterov's step looks ahead: it goes on by the momentum that the next step would begin with.
        const move = nesterov ? gradient[i] + weightDecay * parameters[i] + momentum * v : v;
        parameters[i] -= rate * move;
      }
    },
  };
}
