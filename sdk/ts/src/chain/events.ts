/** A typed event of the chain: its proto name without the package's folder, and its fields. Those of other modules keep texts. */
export interface ChainEvent<T = unknown> {
  readonly type: string;
  readonly data: T;
}

type Raw = { readonly type: string; readonly attributes: readonly { readonly key: string; readonly value: string }[] };
type Reader = { $type: string; fromJSON(o: unknown): unknown };

/** Code of a module's events: loaded where one of them comes. */
const modules: Record<string, () => Promise<object>[]> = {
  content: () => [import("../gen/streamchain/content/v1/events.js"), import("../gen/streamchain/content/v1/attestation.js")],
  storage: () => [import("../gen/streamchain/storage/v1/events.js")],
  revenue: () => [import("../gen/streamchain/revenue/v1/events.js")],
  stream: () => [import("../gen/streamchain/stream/v1/events.js")],
  subscription: () => [import("../gen/streamchain/subscription/v1/events.js"), import("../gen/streamchain/subscription/v1/pass.js")],
  governance: () => [import("../gen/streamchain/governance/v1/events.js")],
  dispute: () => [import("../gen/streamchain/dispute/v1/events.js")],
};

/** Reads events in order. What has no type here (of the SDK, or newer than this code) keeps its attributes as texts. */
export async function decodeEvents(raw: readonly Raw[]): Promise<ChainEvent[]> {
  return Promise.all(raw.map(async ({ type, attributes }): Promise<ChainEvent> => {
    // baseapp adds these two to what the module said
    const own = attributes.filter(({ key }) => key !== "msg_index" && key !== "mode");
    const reader = await readerOf(type);
    if (reader) {
      try {
        return { type, data: reader.fromJSON(Object.fromEntries(own.map(({ key, value }) => [key, JSON.parse(value) as unknown]))) };
      } catch {
        // as texts then
      }
    }
    return { type, data: Object.fromEntries(own.map(({ key, value }) => [key, value])) };
  }));
}

async function readerOf(type: string): Promise<Reader | undefined> {
  const [, module, name] = /^streamchain\.(\w+)\.v1\.(Event\w+)$/.exec(type) ?? [];
  for (const file of module && modules[module] ? await Promise.all(modules[module]()) : []) {
    const found = (file as Record<string, unknown>)[name!] as Reader | undefined;
    if (found?.$type === type) return found;
  }
  return undefined;
}

/** The first event of a type: `eventOf(result.events, EventTipped)`, codecs from `@streamchain/sdk/gen/streamchain/<module>/v1/events.js`. */
export function eventOf<T>(events: readonly ChainEvent[], codec: { $type: string; fromPartial(o: never): T }): T | undefined {
  return events.find(({ type }) => type === codec.$type)?.data as T | undefined;
}
