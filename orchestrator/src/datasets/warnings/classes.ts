/** Classes that a split lacks, or has so few bags of that their score says nothing. Only of tasks that have classes. */
import { type DatasetManifest, isOfClasses, SPLITS } from '@bagfleet/proto/dataset-manifest';
import type { Warning } from './warning.js';

/** Below this one bag moves a sensitivity by a third and more. */
const FEW = 3;

export function classWarnings(manifest: DatasetManifest): Warning[] {
  if (!isOfClasses(manifest)) return [];
  const { bags, classes } = manifest;
  const used = SPLITS.filter((split) => bags.some((bag) => bag.split === split));
  return used.flatMap((split) =>
    classes.flatMap((name, label): Warning[] => {
      const own = bags.filter((bag) => bag.split === split && bag.label === label);
      if (own.length === 0)
        return [
          {
            code: 'class-absent',
            message: `${split} has no bag of class ${name}`,
            bags: [],
            hint: 'Split again (`bagfleet data index` keeps classes in proportion), or leave the class out.',
          },
        ];
      if (own.length >= FEW || bags.length <= FEW * classes.length * used.length) return [];
      return [
        {
          code: 'class-small',
          message: `${split} has only ${own.length === 1 ? 'one bag' : `${own.length} bags`} of class ${name}`,
          bags: own.map(({ id }) => id),
          hint: 'Its score will jump from bag to bag: take folds (--folds), or join classes.',
        },
      ];
    }),
  );
}
