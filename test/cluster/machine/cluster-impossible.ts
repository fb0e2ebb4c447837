/** What startCluster throws where no cluster can run: the suite is skipped then, and fails only in CI. */
export class ClusterImpossible extends Error {}
