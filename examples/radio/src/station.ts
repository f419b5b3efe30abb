// What is on: the works of a feed, or the newest of a kind, as the discovery API gives them.
import { type Config, Discovery, type Work } from "@streamchain/sdk/discovery";

export interface Station {
  name: string;
  about: string;
  /** address of the discovery API */
  api: string;
  /** id of a feed: a generator's, or a built-in one; empty for the newest works */
  feed: string;
  kind: "audio" | "podcast" | "video";
}

export interface Song {
  work: Work;
  reason: string;
}

/** Reads station.json beside the page; ?api= and ?feed= stand in for its own, so that one build serves several stations. */
export async function readStation(): Promise<Station> {
  const res = await fetch("station.json");
  if (!res.ok) throw new Error("station.json is missing beside this page");
  const station = (await res.json()) as Station, query = new URLSearchParams(location.search);
  return { ...station, api: query.get("api") ?? station.api, feed: query.get("feed") ?? station.feed };
}

/** A queue that asks for more when it runs out, and begins again at its end: a station is never over. */
export class Queue {
  private songs: Song[] = [];
  private cursor: string | undefined = "";
  /** why these are not the feed's own songs; empty where they are */
  fallback = "";
  readonly discovery: Discovery;

  constructor(private readonly station: Station) {
    this.discovery = new Discovery(station.api);
  }

  config(): Promise<Config> {
    return this.discovery.getConfig();
  }

  /** What comes next, without taking it. */
  coming(n: number): Song[] {
    return this.songs.slice(0, n);
  }

  /** Takes the next song; undefined where the station has none at all. */
  async next(): Promise<Song | undefined> {
    for (let pages = 0; this.songs.length === 0 && pages < 5; pages++) await this.more();
    const song = this.songs.shift();
    if (this.songs.length === 0) await this.more().catch(() => undefined); // asked for again when it is needed
    return song;
  }

  async more(): Promise<void> {
    const { feed, kind } = this.station, page = { limit: 24, ...(this.cursor ? { cursor: this.cursor } : {}) };
    let found: Song[];
    if (feed) {
      const got = await this.discovery.getFeedItems({ feed, ...page });
      this.fallback = got.fallback ?? "";
      found = got.items.map((i) => ({ work: i.work, reason: i.reason }));
      this.cursor = got.cursor ?? "";
    } else {
      const got = await this.discovery.listWorks({ kind, sort: "newest", ...page });
      found = got.items.map((work) => ({ work, reason: "" }));
      this.cursor = got.cursor ?? "";
    }
    this.songs.push(...found.filter((s) => s.work.kind === kind && s.work.status === "active" && playable(s.work)));
  }
}

/** A radio plays what is free and what is paid by the second; it asks nobody to buy. */
function playable(work: Work): boolean {
  return work.offers.some((o) => o.kind === "free" || o.kind === "metered");
}
