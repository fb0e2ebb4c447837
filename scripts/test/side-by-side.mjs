/**
 * Mocha alone on some tests, which set the tree up anew, then two mocha processes beside each other: most tests wait for
 * processes and clocks, so together they take little longer than the longer one alone.
 * In: three lists of globs, apart by `--`. Out: what they print, the third one's output after the second one's.
 * Exit code 0 if all have passed.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const groups = process.argv
  .slice(2)
  .join('\n')
  .split('\n--\n')
  .map((globs) => globs.split('\n'));
if (groups.length !== 3) throw new Error('usage: side-by-side.mjs GLOB … -- GLOB … -- GLOB …');

/** The tests hear Ctrl-C themselves; this process waits for them. */
process.on('SIGINT', () => undefined);

const alone = start(groups[0]);
alone.show();
const codes = [await alone.ended];
const [first, second] = groups.slice(1).map(start);
first.show();
codes.push(await first.ended);
second.show();
codes.push(await second.ended);
process.exit(codes.every((code) => code === 0) ? 0 : 1);

/** A mocha whose output is kept until it is to be shown. */
function start(globs) {
  const color = process.stdout.isTTY ? ['--color'] : [];
  const child = spawn(process.execPath, [mocha, ...color, ...globs], { stdio: ['ignore', 'pipe', 'pipe'] });
  const kept = [];
  let shown = false;
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ])
    from.on('data', (chunk) => (shown ? to.write(chunk) : kept.push([to, chunk])));
  return {
    show() {
      shown = true;
      for (const [to, chunk] of kept.splice(0)) to.write(chunk);
    },
    ended: new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1))),
  };
}
