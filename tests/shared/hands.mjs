/** What hands do to the page that no single call of the browser's driver does. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** Drops a file on the window. */
export async function drop(page, path) {
  const file = { name: basename(path), bytes: readFileSync(path).toString("base64") };
  const dataTransfer = await page.evaluateHandle(({ name, bytes }) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name));
    return transfer;
  }, file);
  await page.dispatchEvent("body", "dragover", { dataTransfer });
  await page.getByTestId("drop-overlay").waitFor();
  await page.dispatchEvent("body", "drop", { dataTransfer });
}

/** Waits until what the page was told before is drawn, and what it put off is done. */
export function settled(page) {
  return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))));
}
