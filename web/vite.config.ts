// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from 'vite';
import { svelte } from '@sveltejs/vite-plugin-svelte';

// The build is embedded in the server, which sends `default-src 'self'`: everything is a file of
// its own, nothing is inlined as data: or into the page.
export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    // `npm run dev` beside a running `haiquan demo`.
    proxy: { '/api': process.env.HAIQUAN_URL ?? 'http://127.0.0.1:8080', '/track': process.env.HAIQUAN_URL ?? 'http://127.0.0.1:8080' },
  },
});
