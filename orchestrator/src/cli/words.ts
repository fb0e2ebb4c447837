/**
 * Times, durations and numbers as people read them. Pure: the present is an argument.
 */

/** `4m12s`, `2h05m`, `3d04h`, `12s`; seconds are rounded. */
export function durationWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [days, hours, minutes] = [
    Math.floor(whole / 86400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  const two = (value: number) => String(value).padStart(2, '0');
  if (days > 0) return `${days}d${two(hours)}h`;
  if (hours > 0) return `${hours}h${two(minutes)}m`;
  return minutes > 0 ? `${minutes}m${two(whole % 60)}s` : `${whole}s`;
}

/** `4m12s ago`; the moment itself where it is no time at all. */
export function agoWords(moment: string, now: Date): string {
  const then = Date.parse(moment);
  return Number.isNaN(then) ? moment : `${durationWords((now.getTime() - then) / 1000)} ago`;
}

/** Four significant digits, `–` for what has no value. */
export function numberWords(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined) return '–';
  const magnitude = Math.abs(value);
  return magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e6)
    ? value.toExponential(digits - 1)
    : trimmed(value, digits);
}

function trimmed(value: number, digits: number): string {
  const text = value.toPrecision(digits);
  return text.includes('e') ? String(Math.round(value)) : text;
}

/** `1 bag`, `2 bags`. */
export function countWords(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
