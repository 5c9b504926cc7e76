// Compiles sources and tests into build/ and runs the tests under Node.
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";

rmSync("build", { recursive: true, force: true });
execFileSync("node_modules/.bin/tsc", { stdio: "inherit" });
const files = readdirSync("build/test").filter((name) => name.endsWith(".test.js"));
const ran = spawnSync(
  process.execPath,
  ["--test", "--test-reporter=tap", ...files.map((name) => `build/test/${name}`)],
  { stdio: "inherit" },
);
process.exit(ran.status ?? 1);
