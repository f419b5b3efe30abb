// What an app loads for each entry point: minified, gzip, first load (the entry and what it imports) and what may be loaded later.
// Fails above the limits of size.json. `--update` sets them to what is measured and a tenth, and writes the table of README.md.
import { build } from "esbuild";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const { exports: entries } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const names = Object.keys(entries).filter((n) => !n.includes("*"));
/** Bundles: each entry alone, and what every page of an app loads together. */
const bundles = Object.fromEntries([...names.map((n) => [n, [n]]), [". + ./discovery", [".", "./discovery"]]]);
/** Limits that are promised, whatever is measured. */
const promised = { ". + ./discovery": 12 * 1024 };

async function measure(of) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: of.map((n) => `export * from ${JSON.stringify(join(here, entries[n].default))};`).join("\n"), resolveDir: here },
    bundle: true, splitting: true, minify: true, format: "esm", target: "es2022", platform: "browser", outdir: "/out", metafile: true, write: false, logLevel: "error",
  });
  const size = Object.fromEntries(outputFiles.map((f) => [f.path, gzipSync(f.contents, { level: 9 }).length]));
  const outputs = Object.fromEntries(Object.entries(metafile.outputs).map(([p, o]) => ["/" + p.replace(/^(\.\.\/)*/, ""), o]));
  const entry = Object.keys(outputs).find((p) => outputs[p].entryPoint === "<stdin>");
  const first = new Set();
  const walk = (p) => {
    if (first.has(p)) return;
    first.add(p);
    for (const i of outputs[p].imports) if (i.kind === "import-statement") walk("/" + i.path.replace(/^(\.\.\/)*/, ""));
  };
  walk(entry);
  const sum = (paths) => paths.reduce((n, p) => n + size[p], 0);
  return { first: sum([...first]), later: sum(Object.keys(size).filter((p) => !first.has(p))) };
}

const kib = (n) => (n / 1024).toFixed(1) + " KiB";
const limitsFile = join(here, "scripts", "size.json");
const update = process.argv.includes("--update");
const limits = update ? {} : JSON.parse(readFileSync(limitsFile, "utf8"));
const rows = [];
let over = 0;
for (const [name, of] of Object.entries(bundles)) {
  const got = await measure(of);
  const most = update ? { first: promised[name] ?? Math.ceil(got.first * 1.1), later: Math.ceil(got.later * 1.1) } : limits[name] ?? { first: 0, later: 0 };
  limits[name] = most;
  const bad = got.first > most.first || got.later > most.later;
  if (bad) over++;
  rows.push([name, got, most]);
  console.log(`${name.padEnd(16)} ${kib(got.first).padStart(10)} of ${kib(most.first).padStart(9)}   later ${kib(got.later).padStart(10)} of ${kib(most.later).padStart(10)}${bad ? "   TOO LARGE" : ""}`);
}
if (update) {
  writeFileSync(limitsFile, JSON.stringify(limits, null, 2) + "\n");
  const table = ["| entry point | first load | later, when used |", "|---|---|---|", ...rows.map(([n, g]) => `| \`${n}\` | ${kib(g.first)} | ${g.later ? kib(g.later) : "–"} |`)].join("\n");
  const readme = join(here, "README.md");
  writeFileSync(readme, readFileSync(readme, "utf8").replace(/(<!-- size -->\n)[^]*?(\n<!-- \/size -->)/, (_, a, b) => a + table + b));
}
if (over) {
  console.error(`${over} of the bundles are larger than they may be: make them smaller, or say why not and run node scripts/size.mjs --update`);
  process.exit(1);
}
