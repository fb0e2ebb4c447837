import assert from 'node:assert/strict';
import { showingProgress } from '@bagfleet/orchestrator/cli/data-progress';

function sinkOf(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

/** A work of 100 parts, `ms` each, that may fail after some of them. */
async function show(isTTY: boolean, ms: number, failAfter = 100) {
  const sink = sinkOf(isTTY);
  let clock = 0;
  const work = showingProgress(
    async (progress) => {
      for (let done = 1; done <= failAfter; done++) {
        clock += ms;
        progress(done, 100, 'writing bags');
      }
      if (failAfter < 100) throw new Error('the disk is full');
      return 'done';
    },
    sink,
    () => clock,
  );
  return { written: sink.written, outcome: await work.catch((error: Error) => error.message) };
}

describe('progress of the data commands', () => {
  it('says nothing of what is done within two seconds', async () => {
    assert.deepEqual(await show(true, 10), { written: [], outcome: 'done' });
    assert.deepEqual(await show(false, 10), { written: [], outcome: 'done' });
  });

  it('renews one line on a terminal, ten times a second, and ends it', async () => {
    const { written } = await show(true, 50);
    assert.ok(written.every((text) => text.startsWith('\r') || text === '\n'));
    assert.equal(written.filter((text) => text === '\n').length, 1);
    assert.equal(written.at(-2), `\rwriting bags ${'█'.repeat(24)} 100/100`);
    assert.equal(written.length, 31 + 1); // parts 40, 42, … 100, and the end of the line
  });

  it('writes a line per tenth into a pipe', async () => {
    const { written } = await show(false, 50);
    assert.deepEqual(written.slice(0, 2), ['writing bags: 40 of 100\n', 'writing bags: 50 of 100\n']);
    assert.equal(written.length, 7);
  });

  it('leaves the cursor at the beginning of a line when the work fails', async () => {
    const { written, outcome } = await show(true, 100, 50);
    assert.equal(outcome, 'the disk is full');
    assert.match(written.at(-2) ?? '', /50\/100$/);
    assert.equal(written.at(-1), '\n');
  });
});
