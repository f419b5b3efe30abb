import { type Holder } from "../node/seek.js";
import { type OfferCost } from "./errors.js";

/** The denomination in which lanes pay. */
export const DENOM = "ustream";

/** A version of a work, as the chain keeps it. */
export interface WorkInfo {
  cid: string;
  root: string;
  /** newest version; of the root only */
  head: string;
  media: string;
  cover: string;
  kind: string;
  durationSeconds: number;
  status: string;
  keys?: { c0: Uint8Array; windowSeconds: number };
}

/** An offer by the tick. */
export interface Metered {
  pricePerTick: bigint;
  tickSeconds: number;
  previewSeconds: number;
}

/** Whether a viewer may watch, by what, and what it takes otherwise. */
export interface Decision {
  granted: boolean;
  /** free, purchase, plan, pass, creator, rental, tier, token, template …; empty where it is not granted */
  by: string;
  /** through which the viewer gets in; empty for other ways */
  pass: string;
  reason: string;
  offers: OfferCost[];
  metered?: Metered;
}

/** The chain's limits on lanes: amounts in base units, times in seconds. */
export interface LaneParams {
  minDeposit: bigint;
  minLaneCap: bigint;
  openFee: bigint;
  minLaneSeconds: number;
  maxLaneSeconds: number;
  serveMarginSeconds: number;
}

/** A session key that an account granted. */
export interface GrantedKey {
  limit: bigint;
  /** what it may still spend or reserve now */
  available: bigint;
  expires: number;
  revoked: boolean;
  access: boolean;
  payment: boolean;
}

/** Who answers for an encrypted work's keys. */
export interface KeySet {
  version: bigint;
  threshold: number;
  commitments: Uint8Array[];
  holders: { operator: string; index: number }[];
}

/** What a player asks the chain. `restChain` is the real one. */
export interface PlayChain {
  readonly chainId: string;
  /** WorkNotFoundError. */
  work(cid: string): Promise<WorkInfo>;
  access(root: string, viewer?: string): Promise<Decision>;
  /** Nodes with an active deal for the version. */
  holders(version: string): Promise<Holder[]>;
  /** Unix seconds: live time, which stands still while the chain does, and that of the newest block. */
  now(): Promise<{ live: number; block: number }>;
  laneParams(): Promise<LaneParams>;
  nextGeneration(owner: string, provider: string): Promise<bigint>;
  /** pubkey in hexadecimal digits; undefined where it was not granted. */
  sessionKey(owner: string, pubkey: string): Promise<GrantedKey | undefined>;
  /** What is not reserved of an account's escrow. */
  escrowFree(owner: string): Promise<bigint>;
  /** The set that answers for a root work; undefined where there is none. */
  keySet(root: string): Promise<KeySet | undefined>;
  /** A provider's URLs; none of one that is gone. */
  endpoints(operator: string): Promise<string[]>;
}

/** What the wallet is asked for, in one transaction. */
export interface Authorization {
  /** lets the session key of this device sign for the account */
  grant?: { pubkey: Uint8Array; limit: bigint; expires: number; scope: "access" | "payment-and-access" };
  /** into the escrow; it can be withdrawn */
  deposit?: bigint;
  /** the least of it that is of use, for an account that has not so much */
  least?: bigint;
}

/** Who watches. `walletViewer` makes one of a wallet. */
export interface Viewer {
  readonly address: string;
  /** Signs and sends; keeps its promise when a block has it. */
  authorize(what: Authorization): Promise<void>;
}
