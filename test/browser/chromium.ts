/** The browser of the tests: the Chromium that Debian packages, without a screen. */

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Starts it; throws an error that says how to get one where there is none. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));
  if (executablePath === undefined) {
    throw new Error("There is no Chromium. Install one (`apt-get install chromium`) or name it in CHROMIUM.");
  }
  // The sandbox of the browser needs rights that containers and root do not have; the pages are the tests' own.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}
