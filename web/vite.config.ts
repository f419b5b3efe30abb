import { svelte } from '@sveltejs/vite-plugin-svelte'
import { paraglideVitePlugin } from '@inlang/paraglide-js'
import { defineConfig, type Plugin } from 'vite'
import { serviceWorker } from './pwa/plugin.mjs'

/**
 * What the app may load and run. Nodes are named by the chain, so pictures, media and requests may come from any origin; code only from ours.
 * Trusted Types: nothing but Svelte's own templates may write HTML, and no script address is taken but those that `lib/trusted.ts` makes.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data: http: https:",
  "media-src 'self' blob: http: https:",
  "connect-src 'self' http: https: ws: wss:",
  "font-src 'self'",
  "worker-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types svelte-trusted-html streamchain",
].join('; ')

/** policy writes the Content-Security-Policy into the built page; while developing, Vite injects styles that it would refuse. */
function policy(): Plugin {
  return {
    name: 'streamchain:csp',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy }, injectTo: 'head-prepend' },
    ],
  }
}

const api = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env.STREAMCHAIN_API ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/paraglide',
      strategy: ['localStorage', 'preferredLanguage', 'baseLocale'],
      emitTsDeclarations: true,
    }),
    svelte(),
    policy(),
    serviceWorker(),
  ],
  // The embedded files are named by their content, so they may be cached for ever; assets are never inlined as data: addresses.
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    emptyOutDir: false,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
    manifest: 'manifest.build.json',
    rolldownOptions: {
      // the element for other people's pages has a name that does not change, and loads nothing else
      input: { index: 'index.html', 'stream-player': 'src/embed/element.ts' },
      output: { entryFileNames: (chunk) => (chunk.name === 'stream-player' ? 'embed/stream-player.js' : 'assets/[name]-[hash].js') },
    },
  },
  worker: { format: 'es' },
  server: { port: 36173, strictPort: false, proxy: Object.fromEntries(['/api', '/rss', '/oembed'].map((p) => [p, { target: api, changeOrigin: true }])) },
  preview: { port: 36174, proxy: Object.fromEntries(['/api', '/rss', '/oembed'].map((p) => [p, { target: api, changeOrigin: true }])) },
})
