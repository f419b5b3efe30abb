import { NodeClient } from "./client.js";
import { type Node } from "./pool.js";

/** Where a node can be reached, and whose it is. */
export interface Holder {
  operator: string;
  endpoint: string;
}

/**
 * Asks all endpoints at once who is there. found hears of each that answers for its operator and this chain; the promise is kept when all have answered or
 * patience (ms) is over.
 */
export async function seek(holders: Holder[], chainId: string, patience: number, found: (n: Node) => void, fetcher?: typeof fetch): Promise<void> {
  const stop = AbortSignal.timeout(patience);
  await Promise.all(holders.map(async ({ operator, endpoint }) => {
    try {
      const client = new NodeClient(endpoint, { operator, chainId, ...(fetcher ? { fetch: fetcher } : {}) });
      const start = performance.now();
      await client.info(stop);
      found({ client, operator, roundTrip: performance.now() - start });
    } catch {
      // a node that does not answer, or is somebody else's, is no answer
    }
  }));
}
