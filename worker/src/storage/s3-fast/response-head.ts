/**
 * The head of an HTTP/1.1 answer (RFC 9112), as far as reading a range needs it.
 * In: the bytes that have come so far. Out: status and headers and where the body begins, or that more is needed.
 */

export interface ResponseHead {
  readonly status: number;
  /** Names in small letters; of a repeated name the last value. */
  readonly headers: ReadonlyMap<string, string>;
  /** Where in the bytes the body begins. */
  readonly bodyAt: number;
}

/** An answer that is no HTTP/1.1, or none that a range can be read from. */
export class WrongAnswer extends Error {}

/** null until the empty line has come. @throws WrongAnswer */
export function responseHead(bytes: Buffer): ResponseHead | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = /^HTTP\/1\.1 ([1-5]\d\d)(?: |$)/.exec(first)?.[1];
  if (status === undefined) throw new WrongAnswer(`it begins with ${JSON.stringify(first.slice(0, 40))}`);
  return { status: Number(status), headers: new Map(lines.map(headerOf)), bodyAt: end + 4 };
}

function headerOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  if (colon < 1) throw new WrongAnswer(`a header line is ${JSON.stringify(line.slice(0, 40))}`);
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** The number of bytes of a body that is sent as it is. @throws WrongAnswer for any other one */
export function bodyLength(headers: ReadonlyMap<string, string>): number {
  const length = headers.get('content-length');
  if (headers.has('transfer-encoding') || length === undefined || !/^\d{1,15}$/.test(length))
    throw new WrongAnswer('it does not say how long it is');
  return Number(length);
}
