import { StreamError } from "../core/errors.js";

/** Bytes that are not what was asked for: the node that sent them lies, or its disk does. */
export class CorruptError extends StreamError {
  override name = "CorruptError";
  constructor(message: string, options?: ErrorOptions) {
    super("corrupt", message, options);
  }
}

/** A node that stopped answering. */
export class StalledError extends StreamError {
  override name = "StalledError";
  constructor(message: string, options?: ErrorOptions) {
    super("stalled", message, options);
  }
}

/** A node that cannot be reached, or broke off. */
export class UnreachableError extends StreamError {
  override name = "UnreachableError";
  constructor(message: string, options?: ErrorOptions) {
    super("unreachable", message, options);
  }
}

/** No node that keeps the work gives the bytes; causes says what each said, by operator. */
export class NoNodeError extends StreamError {
  override name = "NoNodeError";
  constructor(readonly causes: Map<string, unknown> = new Map()) {
    super("no-node", `no storage node that keeps the work answers: try again later${[...causes].map(([who, e]) => `; ${who}: ${e instanceof Error ? e.message : String(e)}`).join("")}`);
  }
}

/** The work has no file of that name: a fact, proved by its directory. */
export class NoSuchFileError extends StreamError {
  override name = "NoSuchFileError";
  constructor(message: string, options?: ErrorOptions) {
    super("no-such-file", message, options);
  }
}

/** A file that is larger than its reader allows. */
export class TooLargeError extends StreamError {
  override name = "TooLargeError";
  constructor(message: string, options?: ErrorOptions) {
    super("too-large", message, options);
  }
}

/** One way to get access, as a node's terms have it. A client leaves out kinds that it does not know. */
export interface TermsOffer {
  id: string;
  kind: string;
  price?: string;
  denom?: string;
  price_per_tick?: string;
  tick_seconds?: number;
  preview_seconds?: number;
  plan?: string;
}

/** What it takes to read the bytes that were refused. */
export interface Terms {
  chain_id: string;
  provider: string;
  work: string;
  offers: TermsOffer[];
  lane_generation?: string;
  /** ticks that the session must pay in all before these bytes are sent */
  due?: number;
  paid?: number;
  used?: number;
}

/** A node's refusal: an RFC 9457 document. Branch on slug, never on text. */
export class NodeProblem extends StreamError {
  override name = "NodeProblem";
  constructor(
    readonly status: number, slug: string, readonly detail: string, readonly terms?: Terms, readonly offset?: number, readonly paid?: number,
    /** seconds */ readonly retryAfter?: number,
  ) {
    super(slug, `${slug}: ${detail}`);
  }

  /** Reads the body of an answer whose status is 400 or higher; what is no problem document is "internal". */
  static read(status: number, body: string, retryAfter?: string | null): NodeProblem {
    const wait = retryAfter && /^\d{1,5}$/.test(retryAfter) ? Number(retryAfter) : undefined;
    try {
      const p = JSON.parse(body) as Record<string, unknown>;
      if (typeof p["slug"] === "string" && p["slug"] !== "") {
        const t = p["terms"];
        return new NodeProblem(
          status, p["slug"], String(p["detail"] ?? "").slice(0, 1000), t !== null && typeof t === "object" ? termsOf(t as Record<string, unknown>) : undefined,
          count(p["offset"]), count(p["paid"]), wait,
        );
      }
    } catch {
      // said below
    }
    return new NodeProblem(status, "internal", body.slice(0, 200), undefined, undefined, undefined, wait);
  }
}

const count = (n: unknown): number | undefined => (Number.isSafeInteger(n) && (n as number) >= 0 ? (n as number) : undefined);

function termsOf(t: Record<string, unknown>): Terms {
  return {
    chain_id: String(t["chain_id"] ?? ""), provider: String(t["provider"] ?? ""), work: String(t["work"] ?? ""),
    offers: Array.isArray(t["offers"]) ? (t["offers"] as TermsOffer[]) : [],
    due: count(t["due"]) ?? 0, paid: count(t["paid"]) ?? 0, used: count(t["used"]) ?? 0,
    ...(typeof t["lane_generation"] === "string" ? { lane_generation: t["lane_generation"] } : {}),
  };
}
