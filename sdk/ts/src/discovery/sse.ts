import { DiscoveryError, problemOf } from "./problem.js";
import type { components } from "./schema.js";

type Event = components["schemas"]["Event"];

export interface EventOptions {
  /** Proto names, such as streamchain.content.v1.EventWorkPublished; all where it is left out. */
  type?: string[];
  /** Id (`<height>.<index>`) of the last event that was read. */
  after?: string;
  signal?: AbortSignal;
  /** Told when the connection broke, before it is made again. */
  onBreak?: (why: unknown, waitMs: number) => void;
}

/** Waits between tries, in milliseconds: rising, so that a server that comes back is not run over. */
const WAITS = [500, 1000, 2000, 5000, 10_000, 30_000];

/** Follows a stream of server-sent events through broken connections. It ends when the signal does. */
export async function* readEvents(url: string, get: typeof fetch, options: EventOptions): AsyncGenerator<Event, void, void> {
  let last = options.after;
  for (let failures = 0; !options.signal?.aborted; failures++) {
    // its own, so that leaving the loop closes the connection
    const closing = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, closing.signal]) : closing.signal;
    let why: unknown = new DiscoveryError("stream-ended", "the discovery server closed the stream of events", 0);
    try {
      const res = await get(url, { headers: { Accept: "text/event-stream", ...(last === undefined ? {} : { "Last-Event-ID": last }) }, signal, cache: "no-store" });
      if (!res.ok || !res.body) throw await problemOf(res);
      for await (const { id, data } of parse(res.body)) {
        failures = 0;
        if (id !== undefined && last !== undefined && !later(id, last)) continue; // sent again
        if (id !== undefined) last = id;
        if (data !== "") yield JSON.parse(data) as Event;
      }
    } catch (e) {
      if (options.signal?.aborted) return;
      // what is wrong with the question does not get right by asking again
      if (e instanceof DiscoveryError && e.status >= 400 && e.status < 500 && e.status !== 429) throw e;
      why = e;
    } finally {
      closing.abort();
    }
    const wait = why instanceof DiscoveryError && why.retryAfter !== undefined ? why.retryAfter * 1000 : WAITS[Math.min(failures, WAITS.length - 1)]!;
    options.onBreak?.(why, wait);
    await pause(wait, options.signal);
  }
}

/** Says whether one `<height>.<index>` comes after another. */
function later(id: string, than: string): boolean {
  const [h = 0, i = 0] = id.split(".").map(Number), [h2 = 0, i2 = 0] = than.split(".").map(Number);
  return h > h2 || (h === h2 && i > i2);
}

/** Reads the events of a stream (WHATWG HTML, server-sent events), as far as they have data or an id. */
export async function* parse(body: ReadableStream<Uint8Array>): AsyncGenerator<{ id: string | undefined; data: string }, void, void> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "", id: string | undefined, data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return; // what no blank line has ended is not whole
      rest += value;
      // a CR at the end may be half of a CRLF
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop()!;
      for (const line of lines) {
        if (line === "") {
          if (data.length || id !== undefined) yield { id, data: data.join("\n") };
          id = undefined;
          data = [];
        } else if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
        else if (line.startsWith("id:")) id = line.slice(3).trim();
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      done();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}
