import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** `vite dev` shows the sources; the game's server is then another one, named by GAMESERVER. */
const server = process.env.GAMESERVER ?? "http://127.0.0.1:7777";

const sdk = (file: string) => fileURLToPath(new URL(`../client_js/src/${file}`, import.meta.url));

export default defineConfig({
  base: "/",
  // The sources of the SDK: its own build is for those who install it.
  resolve: {
    alias: {
      "gameserver-client/history": sdk("history.ts"),
      "gameserver-client": sdk("index.ts"),
    },
  },
  build: {
    outDir: "dist",
    assetsDir: "web",
    // Nothing inline: the policy that the server sends allows files of its own only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    chunkSizeWarningLimit: 800,
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      "^/(poll|stream|api|pictures)(/|$)": { target: server, changeOrigin: true },
    },
  },
});
