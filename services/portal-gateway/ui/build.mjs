// Builds the stylesheet, the scripts and the fonts into static/dist with hashed
// names, and writes manifest.json (plain name -> hashed name) for the gateway.
//
//   npm ci && npm run build        once
//   npm run watch                  rebuild when a source or a template changes
import { compile, optimize } from "@tailwindcss/node";
import { Scanner } from "@tailwindcss/oxide";
import { build } from "esbuild";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { watch } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const gateway = path.resolve(here, "../src/portal_gateway");
const dist = path.join(gateway, "static/dist");
const SCRIPTS = ["app", "public", "signature"];

async function stylesheet() {
  const source = path.join(here, "css/app.css");
  const compiler = await compile(await readFile(source, "utf8"), {
    base: path.dirname(source),
    onDependency: () => {},
  });
  const scanner = new Scanner({
    sources: [
      { base: path.join(gateway, "templates"), pattern: "**/*.html", negated: false },
      { base: path.join(here, "js"), pattern: "**/*.js", negated: false },
    ],
  });
  return optimize(compiler.build(scanner.scan()), { minify: true }).code;
}

async function buildAll() {
  const css = await stylesheet();
  const common = {
    bundle: true,
    minify: true,
    metafile: true,
    write: false,
    outdir: dist,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    target: ["es2022", "chrome111", "firefox114", "safari16.4"],
    legalComments: "none",
    logLevel: "warning",
  };
  // Two runs on purpose: a stylesheet imported from a script would be written
  // under the script's name and replace app.css.
  const runs = await Promise.all([
    build({
      ...common,
      stdin: { contents: css, resolveDir: path.join(here, "css"), sourcefile: "app.css", loader: "css" },
      loader: { ".woff2": "file" },
    }),
    build({
      ...common,
      entryPoints: SCRIPTS.map((name) => path.join(here, `js/${name}.js`)),
      format: "esm",
    }),
  ]);
  const manifest = {};
  const files = new Map();
  for (const run of runs) {
    for (const file of run.outputFiles) {
      let name = path.basename(file.path).replace(/^stdin-/, "app-");
      files.set(name, file.contents);
      manifest[name.replace(/-[A-Z0-9]{8}(?=\.\w+$)/, "")] = name;
    }
  }
  await mkdir(dist, { recursive: true });
  for (const [name, contents] of files) await writeFile(path.join(dist, name), contents);
  // The manifest is replaced last and in one step: a gateway that reads it while
  // a build runs sees either the old set or the new one, both complete.
  const draft = path.join(dist, "manifest.json.new");
  await writeFile(draft, JSON.stringify(manifest, Object.keys(manifest).sort(), 2) + "\n");
  await rename(draft, path.join(dist, "manifest.json"));
  for (const old of await readdir(dist)) {
    if (!files.has(old) && old !== "manifest.json") await rm(path.join(dist, old), { recursive: true });
  }
  return [...files].map(([name, bytes]) => `${name} ${(bytes.length / 1024).toFixed(1)} kB`).join("\n");
}

console.log(await buildAll());

if (process.argv.includes("--watch")) {
  let timer;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => buildAll().then(console.log, console.error), 80);
  };
  for (const folder of [path.join(here, "css"), path.join(here, "js"), path.join(gateway, "templates")]) {
    watch(folder, { recursive: true }, again);
  }
}
