import { StreamError } from "../core/errors.js";

/** What the discovery server refuses, or that it cannot be reached. Branch on `slug`; `unreachable` and `bad-answer` are this client's own. */
export class DiscoveryError extends StreamError {
  override name = "DiscoveryError";
  constructor(slug: string, message: string, readonly status: number, readonly retryAfter?: number, options?: ErrorOptions) {
    super(slug, message, options);
  }
}

/** The error that an answer tells: an RFC 9457 document, or whatever a proxy in between wrote. */
export async function problemOf(res: Response): Promise<DiscoveryError> {
  const wait = Number(res.headers.get("Retry-After") ?? NaN);
  const retryAfter = Number.isFinite(wait) ? wait : undefined;
  try {
    const p = (await res.json()) as { slug?: unknown; title?: unknown; detail?: unknown };
    if (typeof p.slug === "string") return new DiscoveryError(p.slug, String(p.detail || p.title || p.slug), res.status, retryAfter);
  } catch {
    // no document
  }
  return new DiscoveryError("bad-answer", `the discovery server answers ${res.status}; try again, or choose another one`, res.status, retryAfter);
}
