// Builds dist/: modules and types by the compiler, and one minified file for pages without a bundler.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const bundle = "dist/gameserver-client.min.js";
rmSync("dist", { recursive: true, force: true });
execFileSync("node_modules/.bin/tsc", ["-p", "tsconfig.dist.json"], { stdio: "inherit" });
await build({
  entryPoints: ["src/index.ts"],
  outfile: bundle,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  sourcemap: true,
});
const bytes = readFileSync(bundle);
console.log(`${bundle}: ${bytes.length} bytes, ${gzipSync(bytes).length} with gzip`);
