import { defineConfig } from "vite";

// One entry that loads maps and charts only where a page has them; the server gives every file flat under /assets/.
export default defineConfig({
  base: "/assets/",
  build: {
    assetsDir: "",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
    rollupOptions: {
      input: "src/main.ts",
      output: { entryFileNames: "main-[hash].js", chunkFileNames: "[name]-[hash].js", assetFileNames: "[name]-[hash][extname]" },
    },
  },
});
