import { operationPaths } from "./operations.js";
import { DiscoveryError, problemOf } from "./problem.js";
import { type EventOptions, readEvents } from "./sse.js";
import type { components, operations } from "./schema.js";

export type { EventOptions } from "./sse.js";

export interface DiscoveryOptions {
  /** Instead of the platform's. */
  fetch?: typeof fetch;
  /** Milliseconds that an answer may take; 15,000 unless told. */
  timeout?: number;
  /** How many answers are kept to be asked for again by their ETag; 200 unless told. */
  cached?: number;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** The secret of a webhook, for `getWebhook` and `deleteWebhook`. */
  bearer?: string;
}

/** Operations that are methods; the stream of events is `events()`. */
type Ops = Omit<operations, "streamEvents">;
type Member<T, K extends string> = T extends { [P in K]?: infer V } ? ([NonNullable<V>] extends [never] ? unknown : NonNullable<V>) : unknown;
type Body<T> = T extends { requestBody: { content: { "application/json": infer B } } } ? { body: B } : unknown;
type ParamsOf<Op extends keyof Ops> = Member<Member<Ops[Op], "parameters">, "path"> & Member<Member<Ops[Op], "parameters">, "query"> & Body<Ops[Op]>;
type Answer<R> = R extends { 200: { content: { "application/json": infer B } } } ? B : R extends { 201: { content: { "application/json": infer B } } } ? B : void;
export type ResultOf<Op extends keyof Ops> = Answer<Member<Ops[Op], "responses">>;
type Args<P> = unknown extends P ? [params?: undefined, options?: CallOptions] : {} extends P ? [params?: P, options?: CallOptions] : [params: P, options?: CallOptions];

/** One method per operationId of the document: `getWork({ root })`, `listWorks({ sort: "trending" })`, `search({ q })`, … */
export type Methods = { [Op in keyof Ops]: (...args: Args<ParamsOf<Op>>) => Promise<ResultOf<Op>> };

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type
export interface Discovery extends Methods {}

/**
 * A discovery server.
 *
 *     const discovery = new Discovery("http://127.0.0.1:8080/api/v1");
 *     const { items } = await discovery.listWorks({ sort: "trending" });
 *
 * Every method rejects with DiscoveryError. Answers are kept and asked for again by their ETag.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export class Discovery {
  readonly base: string;
  readonly #fetch: typeof fetch;
  readonly #timeout: number;
  readonly #most: number;
  readonly #kept = new Map<string, { etag: string; body: unknown }>();

  constructor(base: string, options: DiscoveryOptions = {}) {
    this.base = base.replace(/\/+$/, "");
    // bound: browsers refuse fetch as a method of anything but window
    this.#fetch = options.fetch ?? ((...args) => fetch(...args));
    this.#timeout = options.timeout ?? 15_000;
    this.#most = options.cached ?? 200;
  }

  /** The address of an operation with its parameters; of `getStatement` with `format: "csv"` for a link to download. */
  url<Op extends keyof Ops>(op: Op, params?: ParamsOf<Op>): string {
    return this.#address(operationPaths[op][1], (params ?? {}) as Record<string, unknown>);
  }

  /**
   * Events in chain order, from now on or from after `after`, for as long as they are asked for. A connection that breaks is
   * made again, and goes on where it was: nothing is missed, nothing comes twice.
   */
  events(options: EventOptions = {}): AsyncGenerator<components["schemas"]["Event"], void, void> {
    return readEvents(this.#address("/events/stream", { type: options.type }), this.#fetch, options);
  }

  async #call(op: keyof Ops, params: Record<string, unknown>, options: CallOptions): Promise<unknown> {
    const [method, path] = operationPaths[op];
    const { body, ...rest } = params;
    const url = this.#address(path, rest);
    const kept = method === "GET" && !options.bearer ? this.#kept.get(url) : undefined;
    const headers: Record<string, string> = { Accept: "application/json, application/problem+json" };
    if (kept) headers["If-None-Match"] = kept.etag;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (options.bearer) headers["Authorization"] = `Bearer ${options.bearer}`;
    const timeout = AbortSignal.timeout(this.#timeout);
    let res: Response;
    try {
      res = await this.#fetch(url, {
        method, headers, signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      if (options.signal?.aborted) throw cause;
      throw new DiscoveryError("unreachable", timeout.aborted ? "the discovery server does not answer in time; try again" : "the discovery server cannot be reached; check the connection", 0, undefined, { cause });
    }
    if (res.status === 304 && kept) return this.#keep(url, kept);
    if (!res.ok) throw await problemOf(res);
    if (res.status === 204) return undefined;
    try {
      const answer = (await res.json()) as unknown;
      const etag = res.headers.get("ETag");
      return method === "GET" && etag && !options.bearer ? this.#keep(url, { etag, body: answer }) : answer;
    } catch (cause) {
      if (options.signal?.aborted) throw cause;
      throw new DiscoveryError("bad-answer", "what the discovery server answers cannot be read; is this its address?", res.status, undefined, { cause });
    }
  }

  /** The newest at the end, the oldest goes. */
  #keep(url: string, entry: { etag: string; body: unknown }): unknown {
    this.#kept.delete(url);
    this.#kept.set(url, entry);
    if (this.#kept.size > this.#most) this.#kept.delete(this.#kept.keys().next().value!);
    return entry.body;
  }

  #address(path: string, params: Record<string, unknown>): string {
    const rest = { ...params };
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = rest[name];
      delete rest[name];
      if (value === undefined || value === "") throw new DiscoveryError("bad-request", `${name} is missing`, 0);
      return encodeURIComponent(String(value));
    });
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(rest)) {
      for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== null && one !== "") query.append(name, String(one));
    }
    return this.base + filled + (query.size ? "?" + query : "");
  }

  static {
    for (const op of Object.keys(operationPaths) as (keyof Ops)[]) {
      Object.defineProperty(this.prototype, op, {
        value: function (this: Discovery, params: Record<string, unknown> = {}, options: CallOptions = {}) {
          return this.#call(op, params, options);
        },
      });
    }
  }
}
