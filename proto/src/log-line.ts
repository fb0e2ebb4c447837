/**
 * A line of a log as processes in pods write it: one JSON object.
 * In: a line of any kind. Out: its parts, or null if it is plain text (TensorFlow's own, or of a run on one machine).
 */
import { z } from 'zod';

export const LOG_LEVELS = ['info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const logLineSchema = z.object({
  /** ISO with milliseconds; within a thread each line's is later than the one's before. */
  time: z.string(),
  level: z.enum(LOG_LEVELS),
  run: z.string(),
  /** w0, w1, …, or `coordinator`. */
  worker: z.string(),
  message: z.string(),
  /** The stack of what is a mistake of ours. */
  error: z.string().optional(),
  /** In a pod with several workers: this process of the worker has ended. */
  ended: z
    .object({ process: z.string(), code: z.number().nullable(), signal: z.string().nullable() })
    .optional(),
});
export type LogLine = z.infer<typeof logLineSchema>;

export function parseLogLine(line: string): LogLine | null {
  if (!line.startsWith('{')) return null;
  try {
    return logLineSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/** The lines that people read of it. */
export function spokenLines(line: string): string[] {
  return (parseLogLine(line)?.message ?? line).split('\n');
}
