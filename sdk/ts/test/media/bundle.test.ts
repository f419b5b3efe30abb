import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

/** What a page loads for an entry before it does anything with it: names of files, and bytes as they travel. */
async function loads(entry: string): Promise<{ inputs: string[]; size: number }> {
  const out = await build({
    entryPoints: [fileURLToPath(new URL(`../../src/${entry}/index.ts`, import.meta.url))], bundle: true, splitting: true, format: "esm", target: "es2022", minify: true, write: false, outdir: "/out", metafile: true,
  });
  const { outputs } = out.metafile, inputs = new Set<string>();
  let size = 0;
  const walk = (name: string, seen: Set<string>): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const i of Object.keys(outputs[name]!.inputs)) inputs.add(i);
    size += gzipSync(out.outputFiles.find((f) => f.path.endsWith(name.split("/").at(-1)!))!.contents).length;
    for (const i of outputs[name]!.imports) if (i.kind === "import-statement") walk(i.path, seen);
  };
  walk(Object.keys(outputs).find((o) => outputs[o]!.entryPoint?.endsWith(`${entry}/index.ts`))!, new Set());
  return { inputs: [...inputs], size };
}

describe("what a page loads", () => {
  it.each([["manifest", 8], ["voucher", 18], ["piece", 8], ["keyshare", 26], ["node", 30], ["play", 52], ["publish", 64]])("%s is at most %d kB, without the chain's client", async (entry, kb) => {
    const { inputs, size } = await loads(entry);
    expect(inputs.filter((i) => /cosmjs|src\/gen|src\/chain|src\/actions|protobuf|secp256k1|bip39/.test(i))).toEqual([]);
    expect(size).toBeLessThan(kb * 1000);
  });
});
