// Builds what the pages load from the npm registry into src/touchstone/ui/static/ui/built (never committed).
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = here("../src/touchstone/ui/static/ui/built/");

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });

// Tabler as it ships, without its pointer to a source map that is not shipped.
const tabler = await readFile(here("node_modules/@tabler/core/dist/css/tabler.min.css"), "utf8");
await writeFile(`${target}tabler.css`, tabler.replace(/\/\*# sourceMappingURL=.*?\*\//, ""));

// One sprite of the icons that the pages name; the list is icons.txt.
const names = (await readFile(here("icons.txt"), "utf8")).split(/\s+/).filter(Boolean);
const symbols = await Promise.all(names.map(async (name) => {
  const svg = await readFile(here(`node_modules/@tabler/icons/icons/outline/${name}.svg`), "utf8");
  const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/<path stroke="none"[^>]*\/>/, "").replace(/\s+/g, " ");
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inner.trim()}</symbol>`;
}));
await writeFile(`${target}icons.svg`, `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);

await build({
  entryPoints: [here("chart.ts")],
  outfile: `${target}chart.js`,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "linked",
});
