/**
 * How long the core's decisions take: a slow one holds up the lease and every worker's word.
 * In: each decision's time, and the time until all that it ordered was done. Out: how many, their sum, the slowest.
 */
export interface Durations {
  readonly decisions: number;
  readonly decisionSeconds: number;
  readonly slowestDecisionSeconds: number;
  /** Of a decision with what it ordered: messages, launches, lines of the journal. */
  readonly slowestTurnSeconds: number;
}

export class DecisionTimes {
  #decisions = 0;
  #sum = 0;
  #slowest = 0;
  #slowestTurn = 0;

  add(decisionMs: number, turnMs: number): void {
    this.#decisions++;
    this.#sum += decisionMs;
    this.#slowest = Math.max(this.#slowest, decisionMs);
    this.#slowestTurn = Math.max(this.#slowestTurn, turnMs);
  }

  get now(): Durations {
    return {
      decisions: this.#decisions,
      decisionSeconds: this.#sum / 1000,
      slowestDecisionSeconds: this.#slowest / 1000,
      slowestTurnSeconds: this.#slowestTurn / 1000,
    };
  }
}
