/** Prometheus' text format, read back by its own rules. */
import assert from 'node:assert/strict';
import { DecisionTimes } from '@bagfleet/orchestrator/coordinator/vitals/decision-times';
import { type Metric, prometheusText } from '@bagfleet/orchestrator/coordinator/vitals/prometheus-text';
import { RunCounts } from '@bagfleet/orchestrator/coordinator/vitals/run-counts';
import { runMetrics } from '@bagfleet/orchestrator/coordinator/vitals/run-metrics';
import fc from 'fast-check';
import { statusOf } from '../../../../support/run-folder.js';

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

interface Read {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** Strict: a line that is neither a comment nor a sample fails. */
function read(text: string): Read[] {
  assert.ok(text === '' || text.endsWith('\n'));
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => !/^# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* ./s.test(line))
    .map((line) => {
      const [, name, labels = '', value] = SAMPLE.exec(line) ?? assert.fail(`no sample: ${line}`);
      return { name, labels: readLabels(labels), value: readNumber(value) };
    });
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, quoted] = LABEL.exec(text) ?? assert.fail(`no labels: ${text}`);
    labels[name] = quoted.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
  }
  return labels;
}

function readNumber(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

describe("Prometheus' text", () => {
  it('reads back as it was, whatever labels and values', () => {
    const samples = fc.array(
      fc.record({
        labels: fc.dictionary(fc.constantFrom('a', 'b_1', '_c'), fc.string({ unit: 'grapheme' }), {
          noNullPrototype: true,
        }),
        value: fc.double(),
      }),
    );
    fc.assert(
      fc.property(
        samples,
        fc.string().filter((help) => help !== ''),
        (drawn, help) => {
          const metric: Metric = { name: 'm', help, type: 'gauge', samples: drawn };
          assert.deepEqual(
            read(prometheusText([metric])).map(({ labels, value }) => ({ labels, value: value + 0 })),
            drawn.map(({ labels, value }) => ({ labels, value: value + 0 })),
          );
        },
      ),
    );
  });
});

describe('the metrics of a run', () => {
  const times = new DecisionTimes();
  times.add(3, 5);
  times.add(40, 41);
  times.add(2, 70);
  const facts = {
    status: statusOf('mnist-1', { loss: null }),
    counts: new RunCounts().now,
    wanted: 3,
    sessionBytes: 4711,
    failedWrites: 2,
    isLeaseHeld: true,
    residentBytes: 1e8,
    durations: times.now,
    apiCalls: null,
  };
  const values = (changes: Partial<typeof facts> = {}) =>
    read(prometheusText(runMetrics({ ...facts, ...changes })));
  const samplesOf = (name: string) => values().filter((sample) => sample.name === `bagfleet_${name}`);

  it('name the run and say its numbers; what is not known is left out', () => {
    assert.ok(values().every(({ labels }) => labels.run === 'mnist-1'));
    const one = { run: 'mnist-1' };
    assert.deepEqual(samplesOf('epoch'), [{ name: 'bagfleet_epoch', labels: one, value: 3 }]);
    assert.deepEqual(samplesOf('best'), [
      { name: 'bagfleet_best', labels: { ...one, metric: 'auc' }, value: 0.953 },
    ]);
    assert.equal(samplesOf('workers_wanted')[0].value, 3);
    assert.equal(samplesOf('session_bytes_total')[0].value, 4711);
    assert.equal(samplesOf('store_write_failures_total')[0].value, 2);
    assert.deepEqual(samplesOf('loss'), []);
    assert.deepEqual(samplesOf('api_calls_total'), [], 'on one machine');
    assert.equal(samplesOf('decisions_total')[0].value, 3);
    assert.equal(samplesOf('decision_seconds_total')[0].value, 0.045);
    assert.equal(samplesOf('slowest_decision_seconds')[0].value, 0.04);
    assert.equal(samplesOf('slowest_turn_seconds')[0].value, 0.07);
  });

  it('say 1 for the state that it is in, and 0 for the others', () => {
    const states = samplesOf('state');
    assert.deepEqual(
      states.filter(({ value }) => value === 1).map(({ labels }) => labels.state),
      ['running'],
    );
    assert.ok(states.length > 1);
  });

  it('have each name once', () => {
    const names = runMetrics(facts).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });

  it('count what happened', () => {
    const counts = new RunCounts();
    for (const event of [
      'generation',
      'lost',
      'restart',
      'generation',
      'checkpoint',
      'takeover',
      'adopted',
      'kept',
    ])
      counts.add({ time: '', event, message: '' });
    assert.deepEqual(counts.now, { generations: 2, recoveries: 2, losses: 1, restarts: 1, checkpoints: 2 });
  });
});
