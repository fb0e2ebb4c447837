/**
 * The console of a process in a pod: each thing that is written becomes one line, a JSON object with time, run and
 * worker. What native code writes to the same output stays as it is.
 * In: BAGFLEET_LOG_FORMAT=json, BAGFLEET_RUN; who speaks. Out: console.log, info, debug, warn and error write so.
 */
import { format } from 'node:util';
import type { LogLevel, LogLine } from '@bagfleet/proto';

type Speaker = Pick<LogLine, 'run' | 'worker'>;

/** Without BAGFLEET_LOG_FORMAT=json nothing changes. */
export function speakAsAsked(worker: string): void {
  if (process.env.BAGFLEET_LOG_FORMAT !== 'json') return;
  const run = (process.env.BAGFLEET_RUN ?? '').replace(/\/+$/, '').split('/').at(-1) ?? '';
  speakJson({ run, worker });
}

function speakJson(speaker: Speaker): void {
  let last = 0;
  const writer = (level: LogLevel, stream: NodeJS.WriteStream) => {
    return (...words: unknown[]): void => {
      // A coordinator that takes over tells by the time which lines it knows: no two have the same.
      last = Math.max(Date.now(), last + 1);
      stream.write(`${JSON.stringify(logLine(level, words, speaker, new Date(last)))}\n`);
    };
  };
  console.log = console.info = console.debug = writer('info', process.stdout);
  console.warn = writer('warn', process.stderr);
  console.error = writer('error', process.stderr);
}

/** Errors come as such only when they are mistakes of ours: their stack is kept. */
export function logLine(level: LogLevel, words: readonly unknown[], speaker: Speaker, time: Date): LogLine {
  const error = words.find((word): word is Error => word instanceof Error);
  const plain = words.map((word) => (word instanceof Error ? `${word.name}: ${word.message}` : word));
  return {
    time: time.toISOString(),
    level,
    ...speaker,
    message: format(...plain),
    ...(error?.stack === undefined ? {} : { error: error.stack }),
  };
}
