import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** `vite dev` shows the sources; the game's server is then another one, named by GAMESERVER. */
const server = process.env.GAMESERVER ?? "http://127.0.0.1:7777";

const sdk = (file: string) => fileURLToPath(new URL(`../client_js/src/${file}`, import.meta.url));

/**
 * The game and the operator's console are built one after the other (`--mode console`), so that they
 * share no files: what a player loads does not change with the console.
 */
export default defineConfig(({ mode }) => ({
  base: "/",
  // The sources of the SDK: its own build is for those who install it.
  resolve: {
    alias: {
      "gameserver-client/film": sdk("film.ts"),
      "gameserver-client/history": sdk("history.ts"),
      "gameserver-client": sdk("index.ts"),
    },
  },
  build: {
    outDir: "dist",
    assetsDir: "web",
    emptyOutDir: mode !== "console",
    rollupOptions: { input: mode === "console" ? "console.html" : "index.html" },
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
}));
