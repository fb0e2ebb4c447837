/**
 * The layout port: how the files of a folder make up bags. One file per layout; the listing alone decides, no file is
 * opened.
 */

/** One object, and which content of it is meant. */
export interface FoundObject {
  readonly key: string;
  readonly bytes: number;
  /** Version of the content; a folder's are left out, since a copy of the folder has others. */
  readonly etag?: string | undefined;
}

/** A file of instances, with what lies beside it in files of its own. */
export interface FoundFile extends FoundObject {
  readonly coords?: FoundObject | undefined;
  readonly instanceLabels?: FoundObject | undefined;
  readonly edges?: FoundObject | undefined;
}

export interface FoundBag extends FoundFile {
  readonly id: string;
  /** The files of a bag that has several, in order; `key` is then what their keys begin with, `bytes` their sum. */
  readonly parts?: readonly FoundFile[] | undefined;
}

/** What a layout makes of a folder. */
export interface FoundBags {
  /** In the order of the listing; an id may come twice, which the caller refuses. */
  readonly bags: readonly FoundBag[];
  /** Files that hold a bag's label, by its id; empty where labels come in a table. */
  readonly labelFiles: ReadonlyMap<string, FoundObject>;
}

export interface Layout {
  readonly name: string;
  /** What it is, in a few words for people. */
  readonly about: string;
  /** Whether the folder looks like it. */
  claims(objects: readonly FoundObject[]): boolean;
  /**
   * `features` is the folder of features that was asked for, where there are several.
   * @throws BagfleetError `usage` where there are several and none, or none of them, was asked for
   */
  find(objects: readonly FoundObject[], features: string | undefined): FoundBags;
}

/** The files of a bag. */
export function filesOf(bag: FoundBag): readonly FoundFile[] {
  return bag.parts ?? [bag];
}

export const NO_LABEL_FILES: ReadonlyMap<string, FoundObject> = new Map();
