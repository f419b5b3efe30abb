import { type Coin, formatAmount } from "../../core/amounts.js";
import { shorten } from "../../core/ids.js";
import type { Codec, Msg } from "../../core/msg.js";

/** What one message asks for. */
export interface Told {
  text: string;
  /** What somebody who signs this without having asked for it would regret. */
  warn?: string;
  /** Worse than a warning: with this, somebody else can act or take. */
  danger?: string;
  /** Messages inside, told below it. */
  inner?: readonly Msg[];
  /** Lines below it. */
  more?: string[];
}

export type Tellers = Record<string, (bytes: Uint8Array) => Told>;

/** One entry of a table of tellers. */
export const tell = <T>(codec: Codec<T>, say: (m: T) => string | Told): Tellers => ({
  ["/" + codec.$type]: (bytes) => {
    const told = say(codec.decode(bytes));
    return typeof told === "string" ? { text: told } : told;
  },
});

/** A coin; of one that is left out, nothing. */
export const amt = (c: Coin | undefined): string => (c?.denom ? formatAmount(c) : "nothing");

/** An amount of ustream, as fields without a denom have it. */
export const ustr = (amount: string): string => formatAmount({ denom: "ustream", amount: amount || "0" });

export const coins = (list: readonly Coin[]): string => list.map(amt).join(" and ") || "nothing";

/** An address or id, short; or other words where it is empty. */
export const who = (address: string, empty = "yourself"): string => (address ? shorten(address) : empty);

/** What is the creator's or account's own. */
export const to = (address: string): string => (address ? ` to ${shorten(address)}` : "");

/** A work, collection or other subject. */
export const it = (id: string): string => (id ? shorten(id) : "nothing");

/** A text that somebody wrote: on one line, bounded, in quotes that it cannot leave. */
export function quote(text: string, most = 80): string {
  const line = text.replace(/[\s\p{C}]+/gu, " ").replace(/[“”]/g, "'").trim();
  const cut = [...line];
  return `“${cut.length > most ? cut.slice(0, most).join("") + "…" : line}”`;
}

/** A time of the chain. */
export function when(unix: bigint | Date | undefined): string {
  const ms = unix instanceof Date ? unix.getTime() : Number(unix ?? 0n) * 1000;
  const date = new Date(ms);
  return Number.isFinite(date.getTime()) ? date.toISOString().slice(0, 16).replace("T", " ") + " UTC" : "the end of time";
}

/** A length of time in the largest unit that fits it. */
export function span(seconds: bigint | number): string {
  const s = BigInt(seconds);
  for (const [unit, name] of [[86_400n, "day"], [3_600n, "hour"], [60n, "minute"], [1n, "second"]] as const) {
    if (s % unit === 0n && s >= unit) return `${s / unit} ${name}${s === unit ? "" : "s"}`;
  }
  return `${s} seconds`;
}

/** So many of something. */
export const count = (n: number, one: string, many = one + "s"): string => `${n} ${n === 1 ? one : many}`;

/** Bytes as people count them. */
export function size(bytes: bigint): string {
  for (const [unit, name] of [[1n << 40n, "TiB"], [1n << 30n, "GiB"], [1n << 20n, "MiB"], [1n << 10n, "KiB"]] as const) {
    if (bytes >= unit) return `${(bytes * 10n) / unit / 10n}.${((bytes * 10n) / unit) % 10n} ${name}`;
  }
  return `${bytes} bytes`;
}

export const plan = (id: string): string => `plan ${it(id)}`;

export const hex = (bytes: Uint8Array, most = 8): string => [...bytes.subarray(0, most)].map((b) => b.toString(16).padStart(2, "0")).join("") + (bytes.length > most ? "…" : "");

/** A decimal of the SDK on the wire, as a percentage. */
export function decimalPercent(text: string): string {
  const bps = BigInt(text || 0) / 10n ** 14n;
  return `${bps / 100n}.${(bps % 100n).toString().padStart(2, "0")} %`;
}

/** The fields of parameters, one line each, for those who vote on them. */
export function parameters(params: object | undefined, below = ""): string[] {
  return Object.entries(params ?? {}).flatMap(([name, value]: [string, unknown]): string[] => {
    const label = below + name.replace(/[A-Z]/g, (c) => " " + c.toLowerCase());
    if (Array.isArray(value)) return [`${label}: ${value.map(flat).join(", ") || "none"}`];
    if (value && typeof value === "object" && !(value instanceof Uint8Array)) return parameters(value, label + ", ");
    return [`${label}: ${flat(value)}`];
  });
}

function flat(value: unknown): string {
  if (value instanceof Uint8Array) return hex(value);
  if (value && typeof value === "object") return Object.values(value).map(flat).join(" ");
  return String(value ?? "none");
}

/** A replacement of a module's parameters. */
export const replaced = <T extends { params: object | undefined }>(codec: Codec<T>, of: string): Tellers =>
  tell(codec, (m) => ({ text: `The network's rules of ${of} are replaced; only governance can do this. The new ones:`, more: parameters(m.params) }));
