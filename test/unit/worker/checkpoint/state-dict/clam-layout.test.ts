/** CLAM's names: there and back give the same weights, whatever the sizes. */
import assert from 'node:assert/strict';
import { CounterRng, parseJob } from '@bagfleet/proto';
import { fromClam, toClam } from '@bagfleet/worker/checkpoint/state-dict/clam-layout';
import { toLayout } from '@bagfleet/worker/checkpoint/state-dict/layouts';
import type { StateDict, Weights } from '@bagfleet/worker/checkpoint/state-dict/state-dict';
import { createModel } from '@bagfleet/worker/models/create-model';
import fc from 'fast-check';

function weightsOf(name: string, gated: boolean, outputs: number, hidden: number): StateDict {
  const config = parseJob(
    { data: { manifest: 'none' }, model: { name, hidden, attention: 3, gated } },
    'test',
  ).model;
  const { parameters } = createModel(config, { instanceShape: [4], outputs });
  return new Map(
    parameters.map(({ name: parameter, shape }): [string, Weights] => {
      const count = shape.reduce((product, size) => product * size, 1);
      return [parameter, { shape, data: Float32Array.from(new CounterRng(1, [parameter]).normal(count)) }];
    }),
  );
}

describe("CLAM's layout", () => {
  it('gives back what was written, for both models, any number of classes, gated or not', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('clam_sb', 'clam_mb'),
        fc.boolean(),
        fc.constantFrom(1, 3, 4),
        fc.integer({ min: 1, max: 6 }),
        (name, gated, outputs, hidden) => {
          const ours = weightsOf(name, gated, outputs, hidden);
          const back = fromClam(toClam(ours));
          assert.deepEqual([...back.keys()].sort(), [...ours.keys()].sort());
          for (const [key, weights] of ours) assert.deepEqual(back.get(key), weights, key);
        },
      ),
    );
  });

  it('has the names of CLAM_SB with gated attention', () => {
    assert.deepEqual(
      [...toClam(weightsOf('clam_sb', true, 1, 5))].map(([name, { shape }]) => `${name} [${shape}]`).sort(),
      [
        'attention_net.0.bias [5]',
        'attention_net.0.weight [5,4]',
        'attention_net.3.attention_a.0.bias [3]',
        'attention_net.3.attention_a.0.weight [3,5]',
        'attention_net.3.attention_b.0.bias [3]',
        'attention_net.3.attention_b.0.weight [3,5]',
        'attention_net.3.attention_c.bias [1]',
        'attention_net.3.attention_c.weight [1,3]',
        'classifiers.bias [2]',
        'classifiers.weight [2,5]',
        'instance_classifiers.0.bias [2]',
        'instance_classifiers.0.weight [2,5]',
        'instance_classifiers.1.bias [2]',
        'instance_classifiers.1.weight [2,5]',
      ],
    );
  });

  it('reads the form without dropout, too', () => {
    const ours = weightsOf('clam_sb', true, 1, 5);
    const older = new Map(
      [...toClam(ours)].map(([name, weights]) => [name.replace('net.3', 'net.2'), weights]),
    );
    assert.deepEqual([...fromClam(older).keys()].sort(), [...ours.keys()].sort());
  });

  it('is refused for other models', () => {
    assert.throws(
      () => toLayout('clam', 'abmil', new Map()),
      /clam is the layout of clam_sb and clam_mb; this is abmil/,
    );
  });
});
