/**
 * Ends what test files share, such as a cluster that is started once for all of them.
 * In: what is to be done. Out: it is done after the last test, the latest first, before leaks are looked for.
 */
const ENDS_WITHIN_MS = 60_000;
const endings: (() => Promise<void>)[] = [];

export function afterAllTests(end: () => Promise<void>): void {
  endings.push(end);
}

export const mochaHooks = {
  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(ENDS_WITHIN_MS);
    for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
  },
};
