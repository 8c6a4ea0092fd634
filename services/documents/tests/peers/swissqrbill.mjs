// Reads bills as JSON (an array) from stdin, answers [{payload}|{error}] as JSON on stdout.
import { readFileSync } from "node:fs";

const shared = new URL("./node_modules/swissqrbill/lib/esm/shared/", import.meta.url);
const { generateQRData } = await import(new URL("qr-code.js", shared));

const answers = JSON.parse(readFileSync(0, "utf8")).map((bill) => {
  try {
    return { payload: generateQRData(bill) };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
});
process.stdout.write(JSON.stringify(answers));
