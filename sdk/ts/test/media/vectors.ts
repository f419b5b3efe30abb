import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The golden vectors of the Go packages: the same files hold both implementations. */
export function vectors<T>(path: string): T {
  return JSON.parse(readFileSync(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)), "utf8")) as T;
}

/** Bytes 0, 1, … 250, 0, 1, … */
export const pattern = (n: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length: n }, (_, i) => i % 251);
