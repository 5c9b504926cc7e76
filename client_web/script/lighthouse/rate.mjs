// Rates each screen of the browser client by Lighthouse; see script/lighthouse.
// Usage: node rate.mjs PYTHON BROWSER [desktop | mobile]. Exit code 1: a score is below LEAST.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { desktopConfig, startFlow } from "lighthouse";
import puppeteer from "puppeteer-core";

const LEAST = 95;
const PATIENCE_MS = 120_000;
const [python, executablePath, form = "desktop"] = process.argv.slice(2);
const flags = { onlyCategories: ["performance", "accessibility", "best-practices"] };
/** The session of the tab is kept: a screen is the same after it is loaded again. */
const signedIn = { flags: { ...flags, disableStorageReset: true } };

async function startServer() {
  const process = spawn(python, ["-m", "gameserver", "serve", "--port", "0"]);
  process.stderr.resume();
  for await (const line of createInterface({ input: process.stdout })) {
    const ready = /^ready: ws(:\S+)/.exec(line);
    if (ready) return { process, address: `http${ready[1]}` };
  }
  throw new Error("the server did not start");
}

async function rate(page, address) {
  const config = form === "desktop" ? { config: desktopConfig } : {};
  const flow = await startFlow(page, { ...config, flags });
  const button = (text) => `::-p-xpath(//button[normalize-space()="${text}"])`;
  const click = async (text) => (await page.waitForSelector(button(text))).click();
  const drag = (label, value) =>
    page.$$eval(
      "label",
      (labels, label, value) => {
        const slider = labels.find((each) => each.textContent.includes(label));
        const input = slider.querySelector("input");
        const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
        set.call(input, value);
        input.dispatchEvent(new Event("input", { bubbles: true }));
      },
      label,
      value,
    );

  await flow.navigate(address, { name: "home" });
  await (await page.waitForSelector("input")).type("Ann");
  await click("Show the lobbies");
  await page.waitForSelector(button("Create a lobby"));
  await flow.navigate(address, { name: "lobbies", ...signedIn });
  await flow.startTimespan({ name: "create, opened" });
  await click("Create a lobby");
  await page.waitForSelector("input[type=range]");
  await flow.endTimespan();
  await flow.snapshot({ name: "create" });
  await drag("Time limit", "30");
  await drag("Score limit", "1");
  await drag("Bots in", "5");
  await click("hard");
  await click("Create");
  await page.waitForSelector(button("Start now"));
  await flow.navigate(page.url(), { name: "room", ...signedIn });
  await click("Start now");
  await page.waitForSelector(".page.results");
  await flow.snapshot({ name: "results" });
  await flow.navigate(page.url(), { name: "results, loaded again", ...signedIn });
  return (await flow.createFlowResult()).steps;
}

const server = await startServer();
const browser = await puppeteer.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--use-angle=swiftshader", "--lang=en-GB"],
});
let low = false;
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  for (const { name, lhr } of await rate(page, server.address)) {
    // What is looked at without being loaded has no speed.
    const fits = ([category]) => lhr.gatherMode !== "snapshot" || category !== "performance";
    const scores = Object.entries(lhr.categories).filter(fits);
    const told = scores.map(([category, { score }]) => `${category} ${Math.round(score * 100)}`);
    console.log(`${form}, ${name}: ${told.join(", ")}`);
    low ||= scores.some(([, { score }]) => score * 100 < LEAST);
  }
} finally {
  await browser.close();
  server.process.kill();
}
process.exit(low ? 1 : 0);
