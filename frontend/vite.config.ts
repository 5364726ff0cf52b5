import { existsSync, readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

const FONTS = "./node_modules/@expo-google-fonts/be-vietnam-pro";

/** Be Vietnam Pro (OFL) as TrueType under `fonts/`: what the server draws PDFs with. */
function printedFonts(): Plugin {
  return {
    name: "printed-fonts",
    generateBundle() {
      for (const style of ["400Regular", "600SemiBold"]) {
        const file = new URL(`${FONTS}/${style}/BeVietnamPro_${style}.ttf`, import.meta.url);
        this.emitFile({
          type: "asset", fileName: `fonts/BeVietnamPro-${style.slice(3)}.ttf`, source: readFileSync(file),
        });
      }
    },
  };
}

const entries = [
  "src/wall/main.ts",
  "src/citizen/main.ts",
  "src/desk/main.ts",
  "src/fleet/main.ts",
  "src/plan/main.ts",
  "src/pages/main.ts",
  "src/setup/main.ts",
  "src/cameras/main.ts",
  "src/bench/main.ts",
].filter((entry) => existsSync(new URL(entry, import.meta.url)));

export default defineConfig({
  // Relative, so that the built files work under any STATIC_URL.
  base: "./",
  plugins: [printedFonts()],
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
