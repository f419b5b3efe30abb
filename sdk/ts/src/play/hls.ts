import { type Player } from "./player.js";

// hls.js takes a loader class; what it loads is fetched, paid for, verified and decrypted by the player.

interface Stats {
  aborted: boolean; loaded: number; retry: number; total: number; chunkCount: number; bwEstimate: number;
  loading: { start: number; first: number; end: number }; parsing: { start: number; end: number }; buffering: { start: number; first: number; end: number };
}

/** The parts of hls.js's loaders that are used here (hls.js 1.7). */
interface Context {
  url: string;
  responseType: string;
}

interface Callbacks {
  onSuccess(response: { url: string; data: string | ArrayBuffer; code: number }, stats: Stats, context: Context, details: unknown): void;
  onError(error: { code: number; text: string }, context: Context, details: unknown, stats: Stats): void;
  onAbort?(stats: Stats, context: Context, details: unknown): void;
}

/** hls.js's `loader`. */
export type LoaderClass = new (config: unknown) => {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- hls.js' own type, which this package does not load
  context: any;
  stats: Stats;
  load(context: Context, config: unknown, callbacks: Callbacks): void;
  abort(): void;
  destroy(): void;
};

/** The address of a work's file, as hls.js sees it. */
export const playerUrl = (player: Player, path = "master.m3u8"): string => `streamchain://${player.root}/${path}`;

/**
 * What hls.js needs to play a work: `new Hls({ ...hlsConfig(player), … })`, then `hls.loadSource(playerUrl(player))`. There is no key loader: segments come
 * decrypted. What is paid by the second is buffered no further than it must be.
 */
export function hlsConfig(player: Player): Record<string, unknown> & { loader: LoaderClass; maxBufferLength: number } {
  const base = playerUrl(player, "");
  const metered = player.meter.mode === "metered";

  class Loader {
    context: Context | null = null;
    stats: Stats = {
      aborted: false, loaded: 0, retry: 0, total: 0, chunkCount: 0, bwEstimate: 0, loading: { start: 0, first: 0, end: 0 }, parsing: { start: 0, end: 0 },
      buffering: { start: 0, first: 0, end: 0 },
    };
    readonly #stop = new AbortController();
    #callbacks: Callbacks | undefined;

    load(context: Context, _: unknown, callbacks: Callbacks): void {
      const { stats } = this;
      this.context = context;
      this.#callbacks = callbacks;
      stats.loading.start = performance.now();
      void this.#fetch(context).then(
        (data) => {
          if (this.#stop.signal.aborted) return;
          stats.loading.end = performance.now();
          stats.loading.first ||= stats.loading.end;
          stats.loaded = stats.total = data.length;
          const text = context.responseType === "text" || context.responseType === "";
          callbacks.onSuccess({ url: context.url, code: 200, data: text ? new TextDecoder().decode(data) : data.buffer.slice(data.byteOffset, data.byteOffset + data.length) }, stats, context, undefined);
        },
        (e: unknown) => {
          if (this.#stop.signal.aborted) return;
          // 404: hls.js does not ask again, which the player has done already
          callbacks.onError({ code: 404, text: e instanceof Error ? e.message : String(e) }, context, e, stats);
        },
      );
    }

    async #fetch(context: Context): Promise<Uint8Array<ArrayBuffer>> {
      if (!context.url.startsWith(base)) throw new Error(`not of this work: ${context.url.slice(0, 100)}`);
      return (await player.load(decodeURIComponent(context.url.slice(base.length)), this.#stop.signal)).data;
    }

    abort(): void {
      if (this.#stop.signal.aborted || this.stats.loading.end > 0) return;
      this.stats.aborted = true;
      this.#stop.abort(new DOMException("not wanted any more", "AbortError"));
      if (this.context) this.#callbacks?.onAbort?.(this.stats, this.context, undefined);
    }

    destroy(): void {
      this.#callbacks = undefined;
      if (!this.#stop.signal.aborted) this.#stop.abort(new DOMException("not wanted any more", "AbortError"));
    }

    getCacheAge(): number | null {
      return null;
    }

    getResponseHeader(): string | null {
      return null;
    }
  }

  return {
    loader: Loader, autoStartLoad: false, startFragPrefetch: false, testBandwidth: false,
    maxBufferLength: metered ? 12 : 30, maxMaxBufferLength: metered ? 12 : 60, backBufferLength: 90,
    // the player waits itself, for a limit or a wallet as long as it takes
    ...Object.fromEntries(["manifestLoadPolicy", "playlistLoadPolicy", "fragLoadPolicy"].map((p) => [p, {
      default: { maxTimeToFirstByteMs: Infinity, maxLoadTimeMs: 2 ** 31 - 1, timeoutRetry: null, errorRetry: null },
    }])),
  };
}
