/**
 * How PyTorch draws the initial values of its linear and convolutional layers.
 * In: a layer's name and sizes. Out: its weight and bias as parameters, in this order.
 */
import type { Parameter } from '../model.js';

/**
 * kaiming_uniform with a = √5 (torch.nn.Linear.reset_parameters): bounds of √(6 / (1 + 5) / fanIn) = 1/√fanIn,
 * and the same for the bias.
 */
function uniformByFanIn(name: string, shape: readonly number[], fanIn: number): Parameter {
  return { name, shape, init: { kind: 'uniform', bound: 1 / Math.sqrt(fanIn) } };
}

/** `name`.weight [outputs, inputs] and `name`.bias [outputs]. */
export function linearParameters(name: string, inputs: number, outputs: number): Parameter[] {
  return [linearWeight(name, inputs, outputs), uniformByFanIn(`${name}.bias`, [outputs], inputs)];
}

/** `name`.weight [outputs, inputs] alone, of a layer without bias. */
export function linearWeight(name: string, inputs: number, outputs: number): Parameter {
  return uniformByFanIn(`${name}.weight`, [outputs, inputs], inputs);
}

/** `name`.weight [outputs, inputs, size, size] and `name`.bias [outputs]. */
export function convParameters(name: string, inputs: number, outputs: number, size: number): Parameter[] {
  const fanIn = inputs * size * size;
  return [
    uniformByFanIn(`${name}.weight`, [outputs, inputs, size, size], fanIn),
    uniformByFanIn(`${name}.bias`, [outputs], fanIn),
  ];
}
