// Drives client_js/examples/page.html as a person would, and reports what the page shows. It is put
// into the page by the test's web server; `?server=` is the game server.
const $ = (id) => document.getElementById(id);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what, ready) {
  for (let i = 0; i < 1200; i++) {
    const found = ready();
    if (found) return found;
    await pause(50);
  }
  throw new Error(`${what} never came; the page shows: ${$("state").textContent}`);
}

/** Press the button that saves the tape; return the file that the browser got, in base 64. */
async function saved() {
  const offered = new Promise((resolve) => {
    const click = HTMLAnchorElement.prototype.click;
    HTMLAnchorElement.prototype.click = function () {
      resolve(this);
      click.call(this);
    };
  });
  $("tape").click();
  const link = await offered;
  const bytes = new Uint8Array(await (await fetch(link.href)).arrayBuffer());
  return { name: link.download, data: btoa(String.fromCharCode(...bytes)) };
}

const report = (found) => fetch("/report", { method: "POST", body: JSON.stringify(found) });
const lines = () => [...$("lines").children].map((line) => line.textContent);
addEventListener("error", (event) => report({ error: event.message }));

try {
  $("server").value = new URLSearchParams(location.search).get("server");
  $("name").value = "Nora";
  const began = performance.now();
  $("enter").requestSubmit();
  await until("online", () => $("state").textContent === "online");
  const connected = (performance.now() - began) / 1000;
  await until("a lobby", () => $("lobby").textContent.includes("Nora"));
  $("text").value = "hello from a page ✓";
  $("say").requestSubmit();
  await until("the line", () => lines().includes("Nora: hello from a page ✓"));
  await until("ready", () => !$("ready").disabled);
  $("ready").click();
  const pen = $("field").getContext("2d", { willReadFrequently: true });
  const own = () => {
    const seen = pen.getImageData(0, 0, $("field").width, $("field").height).data;
    for (let i = 0; i < seen.length; i += 4) {
      if (seen[i] === 0x7f && seen[i + 1] === 0xd1 && seen[i + 2] === 0xff) return true;
    }
    return false;
  };
  await until("the own fighter on the canvas", own);
  await report({ connected, road: $("road").textContent, lobby: $("lobby").textContent });
  await until("a WebSocket", () => $("road").textContent === "websocket");
  await pause(200);
  await until("the own fighter again", own);
  await report({ tape: await saved() });
  await report({ road: $("road").textContent, state: $("state").textContent });
} catch (error) {
  await report({ error: String(error) });
}
