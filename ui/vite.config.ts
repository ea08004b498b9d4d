import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// `MIRANTE_TOKEN=… mirante serve` and `MIRANTE_TOKEN=… npm run dev` share a token; the server wants
// requests to come from its own address.
const server = process.env.MIRANTE_API ?? "http://127.0.0.1:8674";
const headers = { origin: server, authorization: `Bearer ${process.env.MIRANTE_TOKEN ?? ""}` };

export default defineConfig({
  plugins: [svelte()],
  // Tests run the screen's own build of Svelte, not the one for servers.
  resolve: process.env.VITEST ? { conditions: ["browser"] } : undefined,
  // The window's content policy allows no data: fonts, so nothing is inlined.
  build: { outDir: "dist", target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 600 },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { "/api": { target: server, changeOrigin: true, headers } },
  },
  clearScreen: false,
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
