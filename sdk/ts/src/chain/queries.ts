import type { Partially } from "../core/msg.js";

/** Code of a module's queries: loaded when one of them is asked. */
const modules = {
  content: async () => (await import("../gen/streamchain/content/v1/query.js")).QueryDefinition,
  storage: async () => (await import("../gen/streamchain/storage/v1/query.js")).QueryDefinition,
  revenue: async () => (await import("../gen/streamchain/revenue/v1/query.js")).QueryDefinition,
  stream: async () => (await import("../gen/streamchain/stream/v1/query.js")).QueryDefinition,
  subscription: async () => (await import("../gen/streamchain/subscription/v1/query.js")).QueryDefinition,
  governance: async () => (await import("../gen/streamchain/governance/v1/query.js")).QueryDefinition,
  dispute: async () => (await import("../gen/streamchain/dispute/v1/query.js")).QueryDefinition,
  clock: async () => (await import("../gen/streamchain/clock/v1/query.js")).QueryDefinition,
  auth: async () => (await import("../gen/cosmos/auth/v1beta1/query.js")).QueryDefinition,
  bank: async () => (await import("../gen/cosmos/bank/v1beta1/query.js")).QueryDefinition,
  staking: async () => (await import("../gen/cosmos/staking/v1beta1/query.js")).QueryDefinition,
  distribution: async () => (await import("../gen/cosmos/distribution/v1beta1/query.js")).QueryDefinition,
  gov: async () => (await import("../gen/cosmos/gov/v1/query.js")).QueryDefinition,
  feegrant: async () => (await import("../gen/cosmos/feegrant/v1beta1/query.js")).QueryDefinition,
};

type Fns<T> = { encode(m: T): { finish(): Uint8Array }; decode(b: Uint8Array): T; fromPartial(o: never): T };
type Definition = { fullName: string; methods: Record<string, { name: string; requestType: Fns<never>; responseType: Fns<unknown> }> };
type MessageOf<F> = F extends { decode(input: Uint8Array): infer T } ? T : never;
type MethodsOf<M extends keyof typeof modules> = Awaited<ReturnType<(typeof modules)[M]>>["methods"];

export interface QueryOptions {
  /** Ask for the state right after this block, as long as the node keeps it. */
  height?: number;
}

/** One function per query: `query.content.work({ cid })`. They reject with ChainError; `isNotFound` says whether there is no such thing. */
export type Queries = {
  readonly [M in keyof typeof modules]: {
    readonly [Q in keyof MethodsOf<M>]: MethodsOf<M>[Q] extends { requestType: infer Req; responseType: infer Res }
      ? (request?: Partially<MessageOf<Req>>, options?: QueryOptions) => Promise<MessageOf<Res>> : never;
  };
};

/** Asks a node: the path of the query, its request, and the height. */
export type Ask = (path: string, request: Uint8Array, height?: number) => Promise<Uint8Array>;

/** Typed queries over something that carries them. */
export function queries(ask: Ask): Queries {
  const out: Record<string, unknown> = {};
  for (const [name, load] of Object.entries(modules)) {
    out[name] = new Proxy({}, {
      get(_, method) {
        if (typeof method !== "string" || method === "then") return undefined;
        return async (request: unknown = {}, options: QueryOptions = {}) => {
          const { fullName, methods } = (await load()) as unknown as Definition;
          const found = methods[method];
          if (!found) throw new TypeError(`${fullName} has no query ${method}`);
          const { requestType, responseType } = found;
          const bytes = requestType.encode(requestType.fromPartial(request as never)).finish();
          return responseType.decode(await ask(`/${fullName}/${found.name}`, bytes, options.height));
        };
      },
    });
  }
  return out as Queries;
}
