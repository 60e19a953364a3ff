import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { defineConfig } from "vite";

const SMALLEST_BYTES = 1024;

/** Beside each asset the same in gzip and brotli, so that nothing is compressed while somebody waits. */
function precompressed() {
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  return {
    name: "precompressed",
    apply: "build",
    writeBundle({ dir }) {
      const assets = join(dir, "assets");
      for (const name of readdirSync(assets)) {
        const bytes = readFileSync(join(assets, name));
        if (bytes.length < SMALLEST_BYTES) continue;
        writeFileSync(join(assets, `${name}.gz`), gzipSync(bytes, { level: 9 }));
        writeFileSync(join(assets, `${name}.br`), brotliCompressSync(bytes, best));
      }
    },
  };
}

export default defineConfig({
  base: "./", // the page may lie under any prefix
  esbuild: { jsx: "automatic" },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // what the page's policy allows is files
    reportCompressedSize: false,
  },
  plugins: [precompressed()],
  server: { proxy: { "/graphql": { target: "http://127.0.0.1:8000", ws: true }, "/images": "http://127.0.0.1:8000" } },
});
