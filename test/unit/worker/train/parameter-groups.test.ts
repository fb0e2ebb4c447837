/**
 * Parameter groups: whole updates of the engine beside PyTorch's param_groups with clipping and averaged weights, 100
 * steps in float64;
 * ranges beside a plain look at each entry; what a frozen parameter keeps; what is refused.
 */
import assert from 'node:assert/strict';
import { BagfleetError, OPTIMIZER_NAMES, type ParameterGroup, parseJob } from '@bagfleet/proto';
import { ModelEngine } from '@bagfleet/worker/engine/model-engine';
import { createModel } from '@bagfleet/worker/models/create-model';
import { createOptimizer } from '@bagfleet/worker/train/optimizers/create-optimizer';
import { parameterRanges } from '@bagfleet/worker/train/parameter-groups';
import { layoutOf, type ParameterLayout } from '@bagfleet/worker/train/parameter-layout';
import { ParameterUpdate } from '@bagfleet/worker/train/parameter-update';
import {
  beginWith,
  initialState,
  sharedFloats,
  type TrainingState,
} from '@bagfleet/worker/train/training-state';
import fc from 'fast-check';
import { difference, readFacts, readTensors, under } from '../../../support/reference-fixture.js';
import { flatWeights } from '../../../support/reference-model.js';

const NAMES = ['feat_ext.0.weight', 'feat_ext.0.bias', 'pool.fc1.weight', 'pool.fc10.weight', 'head.bias'];
const LAYOUT = layoutOf(
  NAMES.map((name, i) => ({ name, shape: [i + 1, 100], init: { kind: 'constant', value: 0 } })),
);

function trainOf(train: Record<string, unknown>) {
  return parseJob({ data: { manifest: 'none' }, train }, 'test').train;
}

function group(match: string, rest: Partial<ParameterGroup> = {}): ParameterGroup {
  return { match, rateFactor: 1, weightDecay: null, frozen: false, ...rest };
}

function taken(match: string): string[] {
  const ranges = parameterRanges(LAYOUT, [group(match)]).filter((range) => range.group);
  return LAYOUT.places
    .filter(({ offset }) => ranges.some(({ from, to }) => from <= offset && offset < to))
    .map(({ name }) => name);
}

describe('parameter groups beside PyTorch', () => {
  const { clipNorm, rates, groups, optimizers, emaDecays, norms } = readFacts<{
    clipNorm: number;
    rates: number[];
    groups: Record<string, unknown>[];
    optimizers: Record<string, Record<string, unknown>>;
    emaDecays: Record<string, number>;
    norms: Record<string, number[]>;
  }>('groups');
  const tensors = readTensors('groups');
  const gradients = under(tensors, 'gradient/');

  for (const [key, optimizer] of Object.entries(optimizers))
    it(`${key}: ${rates.length} updates with rates, decays, frozen parameters, clipping and averaged weights`, () => {
      const train = { optimizer, parameterGroups: groups, clipNorm, ema: { decay: emaDecays[key] } };
      const { engine, state } = engineOf(train);
      beginWith(state, sharedCopy(flatWeights(state.layout, under(tensors, 'start/'))));
      rates.forEach((rate, index) => {
        const sum = sharedFloats(state.layout.length);
        for (const { name, offset, length } of state.layout.places)
          sum.set(gradients.get(name)?.values.slice(index * length, (index + 1) * length) ?? [], offset);
        const { gradientNorm } = engine.update({ sum, exponents: null, weight: 1, step: index + 1, rate });
        const expected = norms[key][index];
        assert.ok(Math.abs(gradientNorm - expected) < 1e-6 * expected, `norm of step ${index + 1}`);
      });
      compare(key, state);
    });

  function sharedCopy(values: Float32Array) {
    const copy = sharedFloats(values.length);
    copy.set(values);
    return copy;
  }

  function engineOf(train: Record<string, unknown>): { engine: ModelEngine; state: TrainingState } {
    const model = { name: 'abmil', hidden: 4, attention: 3, gated: false };
    const job = parseJob({ data: { manifest: 'none' }, model, train }, 'test');
    const input = { instanceShape: [3], outputs: 1 };
    const state = initialState(job, createModel(job.model, input));
    const { model: config, train: settings, data: instances, seed } = job;
    const { parameters, moments } = state;
    const setup = {
      model: config,
      train: settings,
      instances,
      seed,
      ...input,
      slots: 1,
      parameters,
      moments,
    };
    return { engine: new ModelEngine(setup), state };
  }

  function compare(key: string, { layout, parameters, moments }: TrainingState): void {
    const start = under(tensors, 'start/');
    for (const { name, offset, length } of layout.places) {
      const [theirs, before] = [tensors.get(`${key}/parameters/${name}`), start.get(name)];
      assert.ok(theirs && before);
      const ours = parameters.subarray(offset, offset + length);
      if (name === 'feat_ext.0.weight' || name === 'pool.fc2.weight')
        assert.deepEqual([...ours], [...before.values], `${name} is frozen, or its rate is 0`);
      else assert.ok(difference(ours, before.values).largest > 0.01, `${name} has moved`);
      const began = Math.max(...before.values.map(Math.abs));
      close(ours, theirs.values, name);
      for (const [moment, values] of Object.entries(moments)) {
        const expected = tensors.get(`${key}/${moment}/${name}`)?.values ?? new Float64Array(length);
        // An average that comes by zero has been rounded where it came from.
        const least = moment === 'ema' ? began : 0;
        close(values.subarray(offset, offset + length), expected, `${moment} of ${name}`, least);
      }
    }
  }

  function close(ours: Float32Array, theirs: ArrayLike<number>, what: string, least = 0): void {
    const { largest, scale } = difference(ours, theirs);
    assert.ok(largest <= 1e-6 * Math.max(scale, least), `${what}: off by ${largest} of ${scale}`);
  }
});

describe('an update in parts', () => {
  const groupList = fc.uniqueArray(
    fc.record({
      match: fc.constantFrom('feat_ext', '*.bias', 'pool.fc1', 'head.*', '*weight', NAMES[3]),
      rateFactor: fc.constantFrom(0, 0.5, 1, 3),
      weightDecay: fc.constantFrom(null, 0, 0.3),
      frozen: fc.boolean(),
    }),
    { selector: ({ match }) => match },
  );

  for (const name of OPTIMIZER_NAMES)
    it(`gives each parameter of ${name} the bits that it would have by itself`, () => {
      fc.assert(
        fc.property(groupList, fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 9 }), same),
        { numRuns: 40 },
      );

      function same(drawn: ParameterGroup[], values: number[]): void {
        const groups = drawn.filter((_, i) => takesSome(drawn.slice(0, i + 1)));
        const train = trainOf({ optimizer: { name, weightDecay: 0.1 }, parameterGroups: groups });
        const [whole, plain] = [buffersOf(values), buffersOf(values)];
        const update = new ParameterUpdate(train, LAYOUT);
        for (const step of [1, 2, 3]) {
          update.leaveOutFrozen(whole.gradient);
          update.apply({ ...whole, step, rate: 0.01 });
          for (const place of LAYOUT.places) updateAlone(plain, place, step, groups);
        }
        assert.deepEqual(whole.parameters, plain.parameters);
        assert.deepEqual(whole.moments, plain.moments);
      }

      /** The plain twin: one parameter, its group looked up by its name. */
      function updateAlone(
        { parameters, gradient, moments }: ReturnType<typeof buffersOf>,
        { name: parameter, offset, length }: ParameterLayout['places'][number],
        step: number,
        groups: readonly ParameterGroup[],
      ): void {
        const own = groups.find(({ match }) => taken(match).includes(parameter));
        if (own?.frozen) return;
        const part = (all: Float32Array) => all.subarray(offset, offset + length);
        const { optimizer } = trainOf({ optimizer: { name, weightDecay: own?.weightDecay ?? 0.1 } });
        createOptimizer(optimizer).update({
          parameters: part(parameters),
          gradient: part(gradient),
          moments: Object.fromEntries(Object.entries(moments).map(([key, all]) => [key, part(all)])),
          step,
          rate: 0.01 * (own?.rateFactor ?? 1),
        });
      }

      function buffersOf(values: readonly number[]) {
        const { optimizer } = trainOf({ optimizer: { name } });
        const filled = (turn: number) => {
          const flat = new Float32Array(LAYOUT.length);
          for (const { offset, length } of LAYOUT.places)
            for (let i = 0; i < length; i++) flat[offset + i] = values[(offset + i * turn) % values.length];
          return flat;
        };
        const names = createOptimizer(optimizer).moments;
        const moments = Object.fromEntries(names.map((moment) => [moment, new Float32Array(LAYOUT.length)]));
        return { parameters: filled(1), gradient: filled(2), moments };
      }
    });

  /** Whether the last group still finds a parameter that none before it takes. */
  function takesSome(groups: readonly ParameterGroup[]): boolean {
    const before = groups.slice(0, -1).flatMap(({ match }) => taken(match));
    return taken(groups.at(-1)?.match ?? '').some((name) => !before.includes(name));
  }
});

describe('parameterRanges', () => {
  it('is one range without groups', () => {
    assert.deepEqual(parameterRanges(LAYOUT, []), [{ from: 0, to: LAYOUT.length, group: null }]);
  });

  it('covers the buffer without gaps, whole parameters each, the first match first', () => {
    const [bias, extractor] = [group('*.bias'), group('feat_ext')];
    const [first, second, third, , end] = LAYOUT.places.map(({ offset }) => offset);
    assert.deepEqual(parameterRanges(LAYOUT, [bias, extractor]), [
      { from: first, to: second, group: extractor },
      { from: second, to: third, group: bias },
      { from: third, to: end, group: null },
      { from: end, to: LAYOUT.length, group: bias },
    ]);
  });

  for (const [match, names] of [
    ['pool', ['pool.fc1.weight', 'pool.fc10.weight']],
    ['pool.', ['pool.fc1.weight', 'pool.fc10.weight']],
    ['pool.fc1', ['pool.fc1.weight']],
    ['pool.fc1*', ['pool.fc1.weight', 'pool.fc10.weight']],
    ['pool.fc1?.weight', ['pool.fc10.weight']],
    ['*.bias', ['feat_ext.0.bias', 'head.bias']],
    ['head.bias', ['head.bias']],
    ['**', NAMES],
  ] as const)
    it(`${match} takes ${names.join(', ')}`, () => assert.deepEqual(taken(match), names));

  for (const match of [
    'poo',
    'weight',
    'pool.fc1.weight.x',
    'feat_ext.0?bias?',
    '[a-z]*',
    'pool.fc1.weigh(t)',
  ])
    it(`${match} takes nothing, which is told with the names that there are`, () => {
      assert.throws(
        () => parameterRanges(LAYOUT, [group('head'), group(match)]),
        (error: unknown) => {
          assert.ok(error instanceof BagfleetError);
          assert.equal(error.code, 'job-invalid');
          assert.equal(error.culprit, 'job field train.parameterGroups.1.match');
          assert.match(error.message, /matches no parameter of the model/);
          assert.ok(NAMES.every((name) => error.hint?.includes(name)));
          return true;
        },
      );
    });

  it('refuses a group whose parameters are all taken', () => {
    assert.throws(
      () => parameterRanges(LAYOUT, [group('pool'), group('pool.fc1')]),
      /taken by groups before it/,
    );
  });
});
