/** The newest of an object's events, whatever order the API server lists them in. */
import assert from 'node:assert/strict';
import { newestEvent } from '@bagfleet/orchestrator/kubernetes/newest-event';
import type { CoreV1Event } from '@kubernetes/client-node';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const event = (name: string, times: Partial<CoreV1Event>) =>
  ({ metadata: { name }, ...times }) as CoreV1Event;

describe('the newest event', () => {
  const repeated = event('repeated', { lastTimestamp: at(30) });
  const once = event('once', { eventTime: at(20) });
  const created = { metadata: { name: 'created', creationTimestamp: at(10) } } as CoreV1Event;

  it('is the one that was last seen, not the last of the list', () => {
    assert.equal(newestEvent([repeated, once, created]), repeated);
    assert.equal(newestEvent([created, once]), once);
    assert.equal(newestEvent([once, created]), once);
  });

  it('is none of none', () => {
    assert.equal(newestEvent([]), undefined);
  });
});
