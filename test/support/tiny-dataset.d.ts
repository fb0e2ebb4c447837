import { type DatasetManifest, type Split } from '@bagfleet/proto';
export interface TinyDataset {
    /** Path of manifest.json. */
    readonly path: string;
    readonly manifest: DatasetManifest;
}
/** Instances of each bag by split; labels alternate; `features` values per instance. */
export declare function writeTinyDataset(folder: string, bags: Readonly<Partial<Record<Split, readonly number[]>>>, features?: number): Promise<TinyDataset>;
//# sourceMappingURL=tiny-dataset.d.ts.map