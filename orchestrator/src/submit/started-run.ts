/**
 * A run that was just begun or resumed, as whoever follows it sees it beside its folder.
 */
export interface StartedRun {
  readonly run: string;
  /** The run's folder. */
  readonly uri: string;
  /** What its coordinator wrote to its own output: empty unless something is very wrong. */
  readonly words: () => Promise<string>;
  /** True once nobody works on it any more. */
  readonly ended: () => boolean;
  /** Why its coordinator has not begun yet, as a sentence; null when nothing is known to hold it up. */
  readonly heldUpBy: () => string | null;
  /** Takes away what was started, if its coordinator may never begin; one that works is asked through the store. */
  readonly withdraw: () => Promise<void>;
  /** Stop holding this process open for it. */
  readonly letGo: () => void;
}
