/** Which lines of events.jsonl are worth telling outside, and as what. */
import assert from 'node:assert/strict';
import { afterRow, endOf, type Happening, NO_STORY } from '@bagfleet/orchestrator/coordinator/run-story';
import fc from 'fast-check';
import { statusOf } from '../../../support/run-folder.js';

const TIME = '2026-03-01T12:00:00.000Z';

function told(...events: readonly string[]): Happening[] {
  let story = NO_STORY;
  return events.flatMap((event) => {
    const after = afterRow(story, { time: TIME, event, message: `about ${event}` });
    story = after.story;
    return after.happening ?? [];
  });
}

function reasons(...events: readonly string[]): string[] {
  return told(...events).map(({ reason }) => reason);
}

describe('the story of a run', () => {
  it('tells the first generation from one after a loss, after scaling and after a worker came back', () => {
    assert.deepEqual(
      reasons(
        'launching',
        'joined',
        'ready',
        'generation',
        'lost',
        'restart',
        'generation',
        'joined',
        'generation',
      ),
      ['Launching', 'Started', 'WorkerLost', 'WorkerRestarted', 'Recovered', 'Regrouped'],
    );
    assert.deepEqual(reasons('generation', 'scale', 'generation'), ['Started', 'Scaling', 'Scaled']);
  });

  it('calls it a recovery when a coordinator took over, whether the generation is whole or not', () => {
    assert.deepEqual(reasons('takeover', 'adopted', 'generation'), ['TookOver', 'Recovered', 'Regrouped']);
    assert.deepEqual(reasons('takeover', 'generation'), ['TookOver', 'Recovered']);
  });

  it('says nothing of what only the journal wants', () => {
    assert.deepEqual(reasons('fingerprint', 'joined', 'ready', 'entered', 'exited', 'placing', 'chaos'), []);
  });

  it('warns of losses, and tells checkpoints as normal', () => {
    const types = told('lost', 'expelled', 'rollback', 'checkpoint', 'kept').map(({ type }) => type);
    assert.deepEqual(types, ['Warning', 'Warning', 'Warning', 'Normal', 'Normal']);
  });

  it('keeps to the first line: what follows quotes output of a worker', () => {
    const message = `w1 is lost: it ended with exit code 1\n  its last lines:\n    secret`;
    const { happening } = afterRow(NO_STORY, { time: TIME, event: 'lost', message });
    assert.equal(happening?.message, 'w1 is lost: it ended with exit code 1');
    const event = fc.constantFrom('lost', 'generation', 'scale', 'waiting', 'checkpoint');
    fc.assert(
      fc.property(event, fc.string({ maxLength: 2000, unit: 'grapheme' }), (name, words) => {
        const { happening: made } = afterRow(NO_STORY, { time: TIME, event: name, message: words });
        assert.match(made?.reason ?? '', /^[A-Z][A-Za-z]+$/);
        assert.ok(made && made.message.length <= 500 && !made.message.includes('\n'));
        assert.equal(made.time, TIME);
      }),
    );
  });

  it('ends by the final status', () => {
    const end = (changes: Parameters<typeof statusOf>[1]) =>
      endOf(statusOf('r', { endedAt: TIME, ...changes }));
    assert.equal(endOf(statusOf('r')), null);
    assert.deepEqual(end({ state: 'done', phase: 'complete' }), {
      reason: 'Completed',
      type: 'Normal',
      message: 'the run is complete after epoch 3 of 30',
      time: TIME,
    });
    const error = { code: 'loss-not-finite', culprit: 'bag b3', message: 'its loss is NaN' };
    const failed = end({ state: 'failed', phase: 'its loss is NaN', error });
    assert.deepEqual([failed?.reason, failed?.type], ['Failed', 'Warning']);
    assert.equal(failed?.message, 'bag b3: its loss is NaN');
    assert.equal(end({ state: 'cancelled' })?.reason, 'Cancelled');
    assert.equal(end({ state: 'interrupted' })?.type, 'Normal');
  });
});
