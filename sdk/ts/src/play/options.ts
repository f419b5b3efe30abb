import { type Quality } from "../media/playlist.js";
import { type Blame, type Stat } from "../node/pool.js";
import { type Holder } from "../node/seek.js";
import { type PlayStore } from "./store.js";
import { type PlayChain, type Viewer } from "./types.js";

/** How a viewer gets in: nobody pays, by right, by the tick, only what is shown before paying, not at all. */
export type Mode = "free" | "granted" | "metered" | "preview" | "none";

export interface PlayerOptions {
  chain: PlayChain;
  /** any version of the work: its newest one is played */
  work: string;
  /** who watches; without, what is free */
  viewer?: Viewer;
  /** what this device remembers; in memory where it is left out */
  store?: PlayStore;
  /** the most that this run may cost, fees included, in base units; without it nothing is paid */
  maxSpend?: bigint;
  /** the most media that this run may play, in seconds */
  maxSeconds?: number;
  /** of what is paid by the second: each quality is paid for itself */
  quality?: Quality;
  /** prove to nobody what is watched: nothing of it stands on the chain, and no serving budget pays for it */
  private?: boolean;
  /** nodes that are said to keep the work, as an index has them, beside those that the chain names */
  holders?: Holder[];
  fetch?: typeof fetch;
}

/** What was paid and got so far. Amounts are in base units. */
export interface Meter {
  mode: Mode;
  /** what lets the viewer in: free, purchase, plan, …, metered */
  grantedBy: string;
  /** ticks that were signed for, in all runs */
  ticks: number;
  /** signed for in this run, fees included: the most that nodes can settle */
  spent: bigint;
  /** what earlier runs of this work cost on this device */
  spentBefore: bigint;
  limit: bigint;
  /** media that was delivered in this run */
  seconds: number;
  bytes: number;
  /** operator that gave most of what came last */
  node: string;
  /** operators of nodes that failed */
  blamed: string[];
  /** windows that were opened, and how many holders it takes */
  windows: number;
  threshold: number;
  holders: number;
}

/** Why nothing more comes until `resume` or `raise` is called. */
export type PauseReason = "spend-limit" | "time-limit" | "payment" | "wallet" | "nodes" | "keys" | "chain";

export interface PlayerEvents {
  meter: Meter;
  /** nothing more is fetched or paid until resume or raise */
  paused: { reason: PauseReason; error: Error };
  resumed: undefined;
  /** something is tried again */
  waiting: { error: Error; again: number };
  node: { operator: string };
  blame: Blame;
}

/** What a run was. */
export interface Result extends Meter {
  stats: Stat[];
  /** holders whose answers were false */
  liars: string[];
  /** seconds that were proved to nodes, which the work's serving budget pays for */
  proved: number;
}

/** A file as it is given to who plays. */
export interface Loaded {
  path: string;
  data: Uint8Array<ArrayBuffer>;
  type: string;
}
