/** The audit against naive counting, on ledgers with random damage. */
import assert from 'node:assert/strict';
import { type AuditedRun, auditLedger } from '@bagfleet/orchestrator/audit/audit-ledger';
import { epochEntries, type LedgerRow } from '@bagfleet/proto';
import fc from 'fast-check';
import { anyShape, type LedgerShape, madeUpRun } from './made-up-ledger.js';

/** Places are picked modulo what there is. */
interface Damage {
  readonly kind: 'drop' | 'double' | 'swap' | 'swap with a foreign bag' | 'exchange between epochs';
  readonly row: number;
  readonly place: number;
  readonly otherRow: number;
  readonly otherPlace: number;
}

const anyDamage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom('drop', 'double', 'swap', 'swap with a foreign bag', 'exchange between epochs'),
  row: fc.nat(),
  place: fc.nat(),
  otherRow: fc.nat(),
  otherPlace: fc.nat(),
});

const noSkips = anyShape.map((shape): LedgerShape => ({ ...shape, poisoned: 0, more: 0 }));
const bagOf = (row: LedgerRow, place: number) => row.counted[place % row.counted.length][1];

/** The row of each step that holds: in these ledgers the last one. */
function holding(rows: readonly LedgerRow[]): LedgerRow[] {
  return [...new Map(rows.map((row) => [`${row.epoch} ${row.step}`, row])).values()];
}

function replaceAt(row: LedgerRow, place: number, bag: string): LedgerRow {
  const at = place % row.counted.length;
  return { ...row, counted: row.counted.map((entry, i) => (i === at ? [entry[0], bag, entry[2]] : entry)) };
}

/** The damaged run and the bags, by epoch, that must be named; null where this damage changes nothing. */
function harm(run: AuditedRun, damage: Damage): { run: AuditedRun; named: string[] } | null {
  const rows = holding(run.rows);
  const target = rows[damage.row % rows.length];
  const lost = bagOf(target, damage.place);
  const sameEpoch = rows.filter((row) => row.epoch === target.epoch);
  const others = damage.kind === 'exchange between epochs' ? rows : sameEpoch;
  const other = others[damage.otherRow % others.length];
  const taken = bagOf(other, damage.otherPlace);
  const [here, there] = [target.epoch, other.epoch];
  switch (damage.kind) {
    case 'drop': {
      const counted = target.counted.filter(([, bag]) => bag !== lost);
      return result(run, [[target, { ...target, counted, weight: counted.length }]], [`${here} ${lost}`]);
    }
    case 'double': {
      const counted = [...target.counted, [target.counted.length, taken, 0] as [number, string, number]];
      return result(run, [[target, { ...target, counted, weight: counted.length }]], [`${here} ${taken}`]);
    }
    case 'swap':
      if (taken === lost) return null;
      return result(
        run,
        [[target, replaceAt(target, damage.place, taken)]],
        [`${here} ${lost}`, `${here} ${taken}`],
      );
    case 'swap with a foreign bag':
      return result(
        run,
        [[target, replaceAt(target, damage.place, 't0')]],
        [`${here} ${lost}`, `${here} t0`],
      );
    case 'exchange between epochs':
      if (here === there || taken === lost) return null;
      return result(
        run,
        [
          [target, replaceAt(target, damage.place, taken)],
          [other, replaceAt(other, damage.otherPlace, lost)],
        ],
        [here, there].flatMap((epoch) => [`${epoch} ${lost}`, `${epoch} ${taken}`]),
      );
  }
}

function result(run: AuditedRun, changes: readonly [LedgerRow, LedgerRow][], named: string[]) {
  const rows = run.rows.map((row) => changes.find(([old]) => old === row)?.[1] ?? row);
  return { run: { ...run, rows }, named };
}

/** `epoch bag` of everything that did not count as often as it is due, or has no business there. */
function naiveFindings({ job, manifest, rows, progress }: AuditedRun): string[] {
  const training = manifest.bags.filter(({ split }) => split === 'train');
  const labels = training.map(({ label }) => label);
  const findings: string[] = [];
  for (let epoch = 1; epoch <= (progress?.epoch ?? 0); epoch++) {
    const order = epochEntries(job.train.order, { seed: job.seed, epoch, labels });
    const due = Array.from(order, (place) => training[place].id);
    for (const { id } of manifest.bags) {
      let count = 0;
      for (const row of holding(rows))
        if (row.epoch === epoch) for (const [, bag] of row.counted) if (bag === id) count++;
      if (count !== due.filter((other) => other === id).length) findings.push(`${epoch} ${id}`);
    }
  }
  return findings.sort();
}

function namedByAudit(run: AuditedRun): string[] {
  const { ok, problems } = auditLedger(run);
  assert.equal(ok, problems.length === 0);
  return [
    ...new Set(problems.flatMap(({ epoch, bag }) => (bag === undefined ? [] : [`${epoch} ${bag}`]))),
  ].sort();
}

describe('the audit of a damaged ledger', () => {
  it('fails at one damage and names exactly the bags that it hit', () => {
    fc.assert(
      fc.property(noSkips, anyDamage, (shape, damage) => {
        const harmed = harm(madeUpRun(shape), damage);
        fc.pre(harmed !== null);
        assert.equal(auditLedger(harmed.run).ok, false);
        assert.deepEqual(namedByAudit(harmed.run), [...new Set(harmed.named)].sort());
      }),
      { numRuns: 500 },
    );
  });

  it('names what naive counting finds, whatever was done to it', () => {
    fc.assert(
      fc.property(noSkips, fc.array(anyDamage, { maxLength: 6 }), (shape, damages) => {
        let run = madeUpRun(shape);
        for (const damage of damages) {
          // A row that has lost its last bag offers no place for more.
          if (holding(run.rows).some((row) => row.counted.length === 0)) break;
          run = harm(run, damage)?.run ?? run;
        }
        assert.deepEqual(namedByAudit(run), naiveFindings(run));
      }),
      { numRuns: 500 },
    );
  });

  it('names every bag of a row that is lost', () => {
    fc.assert(
      fc.property(noSkips, fc.nat(), (shape, place) => {
        const run = madeUpRun(shape);
        const steps = holding(run.rows);
        const gone = steps[place % steps.length];
        const rows = run.rows.filter((row) => row.epoch !== gone.epoch || row.step !== gone.step);
        const { problems } = auditLedger({ ...run, rows });
        const isEpochGone = problems.some(({ code }) => code === 'epoch-missing');
        if (isEpochGone) return assert.equal(steps.filter((row) => row.epoch === gone.epoch).length, 1);
        assert.ok(problems.some(({ code, step }) => code === 'step-missing' && step === gone.step));
        assert.deepEqual(
          problems.flatMap(({ bag }) => bag ?? []).sort(),
          [...new Set(gone.counted.map(([, bag]) => bag))].sort(),
        );
      }),
      { numRuns: 300 },
    );
  });
});
