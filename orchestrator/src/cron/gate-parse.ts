/**
 * The gate's language: comparisons joined by `and`.
 *
 *     auc >= production - 0.005 and auc >= best - 0.01 and sensitivity >= 0.9
 *
 * `production` is the model that the tag points at, `best` the best that was ever promoted on this hold-out.
 * In: text. Out: comparisons; an error that names the position and what may stand there.
 */
import {
  BagfleetError,
  METRIC_NAMES,
  type MetricName,
  nearestWord,
  SMALLER_IS_BETTER,
} from '@bagfleet/proto';

export const OPERATORS = ['>=', '<=', '>', '<'] as const;
export type Operator = (typeof OPERATORS)[number];
export type Reference = 'production' | 'best';

export interface Comparison {
  readonly metric: MetricName;
  readonly operator: Operator;
  /** null: the offset alone. */
  readonly reference: Reference | null;
  readonly offset: number;
}

/** All others are at most 1. */
const UNBOUNDED: readonly MetricName[] = ['loss', 'logLoss'];

interface Token {
  readonly text: string;
  /** From 1. */
  readonly position: number;
}

const RIGHT_SIDE = 'production, best or a number';

const TOKEN = /\s*(>=|<=|[><+-]|\d+(?:\.\d+)?(?:e[+-]?\d+)?|[a-z]\w*)/iy;

export function parseGate(text: string): Comparison[] {
  const reader = new TokenReader(text, tokensOf(text));
  const comparisons = [comparison(reader)];
  while (!reader.isAtEnd) {
    const token = reader.take('and');
    if (token.text !== 'and') throw reader.wrong(token, 'and');
    comparisons.push(comparison(reader));
  }
  return comparisons;
}

/** No worse than production, and not below the best ever promoted by more than the margin. */
export function usualGate(metric: MetricName, margin: number): string {
  return SMALLER_IS_BETTER.includes(metric)
    ? `${metric} <= production and ${metric} <= best + ${margin}`
    : `${metric} >= production and ${metric} >= best - ${margin}`;
}

function comparison(reader: TokenReader): Comparison {
  const name = reader.take('a metric');
  const metric = METRIC_NAMES.find((known) => known === name.text);
  if (!metric) throw reader.wrong(name, `a metric (${METRIC_NAMES.join(', ')})`, METRIC_NAMES);
  const sign = reader.take('>= or <=');
  const operator = OPERATORS.find((known) => known === sign.text);
  if (!operator) throw reader.wrong(sign, OPERATORS.join(', '));
  refuseWrongWay(reader, metric, operator, sign);
  const word = reader.take(RIGHT_SIDE);
  if (word.text !== 'production' && word.text !== 'best') {
    const minus = word.text === '-';
    const value = minus ? reader.take('a number') : word;
    const offset = minus
      ? -numberOf(reader, value, 'a number')
      : numberOf(reader, value, RIGHT_SIDE, ['production', 'best']);
    if (offset > 1 && !UNBOUNDED.includes(metric)) throw reader.wrong(value, `a number up to 1 (${metric})`);
    return { metric, operator, reference: null, offset };
  }
  const next = reader.peek();
  if (next?.text !== '+' && next?.text !== '-') return { metric, operator, reference: word.text, offset: 0 };
  reader.take('+ or -');
  const value = reader.take('a number');
  const offset = (next.text === '-' ? -1 : 1) * numberOf(reader, value, 'a number');
  return { metric, operator, reference: word.text, offset };
}

function numberOf(
  reader: TokenReader,
  token: Token,
  expected: string,
  words: readonly string[] = [],
): number {
  if (/^\d/.test(token.text)) return Number(token.text);
  throw reader.wrong(token, expected, words);
}

/** `auc <= production` would promote what is worse: never meant. */
function refuseWrongWay(reader: TokenReader, metric: MetricName, operator: Operator, sign: Token): void {
  const smaller = SMALLER_IS_BETTER.includes(metric);
  if (operator.startsWith(smaller ? '<' : '>')) return;
  throw reader.wrong(
    sign,
    `${smaller ? '<= or <' : '>= or >'} (${smaller ? 'less' : 'more'} ${metric} is better)`,
  );
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const start = pattern.lastIndex;
    const found = pattern.exec(text);
    if (!found) {
      const position = start + (/^\s*/.exec(text.slice(start))?.[0].length ?? 0) + 1;
      throw wrongGate(text, position, `${JSON.stringify(text[position - 1])} is not understood`);
    }
    tokens.push({ text: found[1], position: pattern.lastIndex - found[1].length + 1 });
  }
  return tokens;
}

class TokenReader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  take(expected: string): Token {
    const token = this.peek();
    if (!token) throw wrongGate(this.#text, this.#text.length + 1, `it ends where ${expected} should stand`);
    this.#at++;
    return token;
  }

  wrong({ text, position }: Token, expected: string, words: readonly string[] = []): BagfleetError {
    const nearest = nearestWord(text, words);
    return wrongGate(
      this.#text,
      position,
      `${JSON.stringify(text)} stands where ${expected} should${nearest ? `; did you mean ${nearest}?` : ''}`,
    );
  }
}

function wrongGate(text: string, position: number, message: string): BagfleetError {
  return new BagfleetError('usage', `at position ${position}, ${message}`, {
    culprit: `--promote-if ${JSON.stringify(text)}`,
    hint: 'For example: auc >= production - 0.005 and sensitivity >= 0.9',
  });
}
