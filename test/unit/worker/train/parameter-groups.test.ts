/**
 * Parameter groups: which parameters they take, what is refused, and an update in ranges beside a plain look at each
 * parameter.
 */
import assert from 'node:assert/strict';
import { BagfleetError, OPTIMIZER_NAMES, type ParameterGroup, parseJob } from '@bagfleet/proto';
import { createOptimizer } from '@bagfleet/worker/train/optimizers/create-optimizer';
import { parameterRanges } from '@bagfleet/worker/train/parameter-groups';
import { layoutOf, type ParameterLayout } from '@bagfleet/worker/train/parameter-layout';
import { ParameterUpdate } from '@bagfleet/worker/train/parameter-update';
import fc from 'fast-check';

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
