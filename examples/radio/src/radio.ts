// One song after the other, the next one opened before the last has ended: no gap that is longer than it must be, no crossfade.
import Hls from "hls.js";
import { hlsConfig, indexedDbStore, Player, playerUrl, restChain, type Viewer } from "@streamchain/sdk/play";
import { type Queue, type Song } from "./station.js";

export interface RadioEvents {
  song: (song: Song) => void;
  spent: (baseUnits: bigint) => void;
  says: (text: string) => void;
}

/** How long before its end the next song is opened, in seconds. */
const AHEAD = 15;
/** How near to its end a song that has nothing more to play is over, in seconds. */
const NEARLY = 0.5;

interface Open {
  song: Song;
  player: Player;
  /** what the meter said when it was last looked at, in base units */
  spent: bigint;
}

export class Radio {
  /** the most that all songs together may cost, in base units */
  cap = 0n;
  viewer: Viewer | undefined;
  private total = 0n;
  private now: Open | undefined;
  private coming: Promise<Open | undefined> | undefined;
  private hls: Hls | undefined;
  private starting = false;
  private previewed = false;
  private failures = 0;

  constructor(private readonly audio: HTMLAudioElement, private readonly queue: Queue, private readonly net: { rest: string; chainId: string }, private readonly on: RadioEvents) {
    audio.addEventListener("ended", () => void this.next());
    // what was given before paying has played to its end, or a song's sound is a little shorter than it says
    audio.addEventListener("waiting", () => {
      if (this.previewed || audio.duration - audio.currentTime < NEARLY) void this.next();
    });
    audio.addEventListener("timeupdate", () => {
      if (this.now && audio.duration - audio.currentTime < AHEAD) this.coming ??= this.open();
    });
  }

  get spent(): bigint {
    return this.total;
  }

  get playing(): boolean {
    return this.now !== undefined && !this.audio.paused;
  }

  async toggle(): Promise<void> {
    if (!this.now) return this.next();
    if (this.audio.paused) await this.audio.play();
    else this.audio.pause();
  }

  /** Raises or lowers the cap; what stands still for it goes on. */
  limit(cap: bigint): void {
    this.cap = cap;
    const p = this.now?.player;
    if (p && p.meter.mode === "metered") p.raise({ maxSpend: p.meter.spent + this.left });
  }

  private get left(): bigint {
    return this.cap > this.total ? this.cap - this.total : 0n;
  }

  /** Goes on with the next song that can be played. */
  async next(): Promise<void> {
    if (this.starting) return;
    this.starting = true;
    try {
      await this.stop();
      const open = await (this.coming ?? this.open());
      this.coming = undefined;
      if (!open) {
        this.on.says("There is nothing to play now.");
        return;
      }
      await this.start(open);
      this.failures = 0;
    } catch (e) {
      this.coming = undefined;
      this.on.says(e instanceof Error ? e.message : String(e));
      // a song whose nodes are gone does not stop the station, but a station of nothing else does not spin
      if (++this.failures < 5) setTimeout(() => void this.next(), 1000 * this.failures);
    } finally {
      this.starting = false;
    }
  }

  /** Opens the next song that the listener can hear; nothing is paid by opening. */
  private async open(): Promise<Open | undefined> {
    for (let tries = 0; tries < 24; tries++) {
      const song = await this.queue.next();
      if (!song) return undefined;
      const player = await Player.open({
        chain: restChain(this.net.rest, this.net.chainId), work: song.work.root, store: indexedDbStore(), maxSpend: this.left, ...(this.viewer ? { viewer: this.viewer } : {}),
      });
      if (player.playable && player.meter.mode !== "none") return { song, player, spent: 0n };
      await player.close();
    }
    return undefined;
  }

  private async start(open: Open): Promise<void> {
    const { player, song } = open;
    this.now = open;
    this.on.song(song);
    this.on.says(player.meter.mode === "preview" ? "A preview: the rest is paid by the second." : "");
    player.on("meter", (m) => this.count(open, m.spent));
    player.on("paused", ({ reason, error }) => {
      if (reason === "payment" && player.meter.mode === "preview") {
        this.previewed = true;
        return;
      }
      if (reason !== "spend-limit") return this.on.says(error.message);
      this.on.says("Your limit is reached. Raise it, or skip to what is free.");
    });
    player.on("resumed", () => this.on.says(""));
    if (player.meter.mode === "metered") {
      if (player.meter.limit !== this.left) player.raise({ maxSpend: this.left }); // opened while the song before was still paid for
      await player.prepare();
    }
    player.attach(this.audio);
    const hls = new Hls({ ...hlsConfig(player), enableWorker: false });
    this.hls = hls;
    hls.on(Hls.Events.ERROR, (_, e) => {
      if (!e.fatal || this.hls !== hls) return;
      this.on.says(e.error?.message ?? "This song cannot be played.");
      void this.next();
    });
    hls.on(Hls.Events.MANIFEST_PARSED, () => hls.startLoad(0));
    hls.loadSource(playerUrl(player));
    hls.attachMedia(this.audio);
    await this.audio.play();
  }

  private count(open: Open, spent: bigint): void {
    this.total += spent - open.spent;
    open.spent = spent;
    this.on.spent(this.total);
  }

  private async stop(): Promise<void> {
    const { now } = this;
    this.now = undefined;
    this.previewed = false;
    this.hls?.destroy();
    this.hls = undefined;
    if (now) this.count(now, (await now.player.close()).spent);
  }
}
