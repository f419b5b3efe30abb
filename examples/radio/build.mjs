// Writes dist/: any web server can serve it, beside the discovery API or elsewhere.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
await build({ entryPoints: ["src/main.ts"], bundle: true, splitting: true, format: "esm", target: "es2022", minify: true, outdir: "dist", platform: "browser", logLevel: "info" });
for (const file of ["index.html", "style.css", "station.json"]) cpSync(file, `dist/${file}`);
