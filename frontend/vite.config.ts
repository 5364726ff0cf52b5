import { existsSync } from "node:fs";
import { defineConfig } from "vite";

const entries = [
  "src/wall/main.ts",
  "src/citizen/main.ts",
  "src/desk/main.ts",
  "src/pages/main.ts",
  "src/bench/main.ts",
].filter((entry) => existsSync(new URL(entry, import.meta.url)));

export default defineConfig({
  // Relative, so that the built files work under any STATIC_URL.
  base: "./",
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // The content security policy allows no fonts from data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: entries },
  },
});
