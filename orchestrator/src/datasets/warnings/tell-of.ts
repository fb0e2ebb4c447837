/**
 * What a name looks like that says who somebody is: a date, a person's name, a number that a hospital gives.
 * In: a name. Out: what it looks like, or null. It errs on the side of silence: ids of public datasets (TCGA barcodes,
 * UUIDs, digests, counters) are none.
 */
const HARMLESS = [
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, // UUID
  /TCGA-[A-Z0-9]{2}-[A-Z0-9]{4}(-[A-Z0-9]{2,4})*/gi, // barcode
  /C3[LN]-\d{5}(-\d{2})?/gi, // CPTAC
  /GTEX-[A-Z0-9]{4,5}(-\d{4})?/gi,
  /\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{10,}\b/gi, // digest
];

const YEAR = '(?:19|20)\\d\\d';
const MONTH = '(?:0[1-9]|1[0-2])';
const DAY = '(?:0[1-9]|[12]\\d|3[01])';
const LOOKS: readonly (readonly [string, RegExp])[] = [
  ['a date', new RegExp(`(?<!\\d)${YEAR}[-_. ]?${MONTH}[-_. ]?${DAY}(?!\\d)`)],
  ['a date', new RegExp(`(?<!\\d)${DAY}[-_.]${MONTH}[-_.]${YEAR}(?!\\d)`)],
  ['a date', new RegExp(`(?<!\\d)${MONTH}[-_.]${DAY}[-_.]${YEAR}(?!\\d)`)],
  ['a social security number', /(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)/],
  ['an accession number', /(?<![A-Za-z0-9])[A-Z]{1,2}\d{2}[-.]\d{3,6}(?!\d)/],
  ['a record number', /(?:mrn|pid|ssn|dob)[-_ :#]*\d{3,}/i],
  ['a record number', /(?<!\d)(?!00)\d{7,10}(?!\d)/],
];

/** Two capitalised words, as first and last name, or a title. */
const NAME = /(?<![A-Za-z])(\p{Lu}\p{Ll}{2,})[-_ ,.]+(\p{Lu}\p{Ll}{2,})(?!\p{Ll})/u;
const TITLE = /(?<![A-Za-z])(?:mr|mrs|ms|dr|herr|frau|mme)[-_ .]+\p{L}{2,}/iu;

/** Capitalised words of file names that are no names. */
const WORDS = new Set(
  `slide slides tumor tumour normal benign malignant cancer test train val validation case patient subject sample node
  lymph left right upper lower section block level breast prostate lung kidney colon liver skin brain stomach ovary
  uterus bladder thyroid pancreas biopsy resection frozen stain image tile tiles patch patches features region group
  grade gleason isup class fold batch site center centre scanner hospital cohort study data part copy version final
  aperio hamamatsu leica philips positive negative high low bag scan metastasis control mask level case tissue`
    .trim()
    .split(/\s+/),
);

export function tellOf(name: string): string | null {
  const rest = HARMLESS.reduce((text, pattern) => text.replace(pattern, ' '), name);
  const look = LOOKS.find(([, pattern]) => pattern.test(rest));
  if (look) return look[0];
  return TITLE.test(rest) || isPersonsName(rest) ? 'the name of a person' : null;
}

function isPersonsName(text: string): boolean {
  const [, first, last] = NAME.exec(text) ?? [];
  if (first === undefined || last === undefined) return false;
  return ![first, last].some((word) => WORDS.has(word.toLowerCase()));
}
