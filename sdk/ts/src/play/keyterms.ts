import { type KeyWindow } from "../node/wire.js";
import { type Metered } from "./types.js";

/** What windows cost, as holders count. */
export interface KeyTerms {
  /** seconds of media that one key opens */
  window: number;
  /** of the work, in seconds */
  duration: number;
  metered?: Metered;
}

/** A window that is wanted, and what the node that serves asks for what it opens. */
export interface Want extends KeyWindow {
  /** the rendition's folder, as nodes count ticks */
  folder: string;
  /** ticks that the node counts from where the viewer is through the window's end */
  from: number;
  to: number;
  /** ticks that all windows from this one on cost */
  rest: number;
}

export const windowName = (w: KeyWindow): string => `${w.rendition}/${w.number}`;

/** What a window costs; nothing where the viewer has a right to it, or it begins in the preview. */
export function windowTicks(t: KeyTerms, w: KeyWindow): number {
  if (!t.metered) return 0;
  const start = w.number * t.window;
  if (start < t.metered.previewSeconds && start < t.duration && !/[./]/.test(w.rendition)) return 0;
  const seconds = start < t.duration ? Math.min(t.window, t.duration - start) : t.window;
  return Math.ceil(seconds / t.metered.tickSeconds);
}
