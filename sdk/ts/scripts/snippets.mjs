// Runs README.md: its ```ts blocks are one program, compiled by tsc against the built package and executed against a network.
// STREAMCHAIN_NET is the home of a local network, STREAMD the program that can fund an account there.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const home = process.env.STREAMCHAIN_NET;
if (!home) {
  console.error("README.md runs against a local network: set STREAMCHAIN_NET to its home (scripts/sdk.sh does)");
  process.exit(1);
}
const streamd = process.env.STREAMD ?? join(here, "..", "..", "build", "streamd");
const { base_port: base } = JSON.parse(readFileSync(join(home, "net.json"), "utf8"));
const web = new URL(process.env.STREAMCHAIN_DISCOVERY ?? `http://127.0.0.1:${8080 + base}`).origin;

const blocks = [...readFileSync(join(here, "README.md"), "utf8").matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code);
if (!blocks.length) throw new Error("README.md has no ts blocks");
const program = blocks.map((code, i) => `console.log("\\n· ${i + 1} of ${blocks.length}");\n${code}`).join("\n").replaceAll("http://127.0.0.1:8080", web);

const dir = join(here, ".snippets");
rmSync(dir, { recursive: true, force: true });
mkdirSync(dir);
writeFileSync(join(dir, "readme.ts"), program);
writeFileSync(join(dir, "tsconfig.json"), JSON.stringify({ extends: "../tsconfig.json", compilerOptions: { noEmit: false, declaration: false, rootDir: ".", outDir: "out" }, include: ["readme.ts"] }));
execFileSync(join(here, "node_modules", ".bin", "tsc"), ["-p", dir], { stdio: "inherit" });

const { generateMnemonic, MemoryWallet } = await import(join(here, "dist", "wallet", "index.js"));
const mnemonic = generateMnemonic();
const { address } = await MemoryWallet.fromMnemonic(mnemonic);
execFileSync(streamd, ["localnet", "fund", address, "100stream", "--home", home], { stdio: ["ignore", "inherit", "inherit"] });
execFileSync(process.execPath, [join(dir, "out", "readme.js")], { stdio: "inherit", cwd: here, env: { ...process.env, MNEMONIC: mnemonic } });
console.log(`\nREADME.md runs: ${blocks.length} blocks`);
