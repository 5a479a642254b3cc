import { chromium } from 'playwright-core';
import { findChromium } from './findChromium.mjs';

/** A headless Chromium that keeps to itself. @param {import('./installLane.mjs').Lane} lane */
export async function launchBrowser(lane) {
  return chromium.launch({
    ...(await findChromium(lane)),
    args: [
      // Containers run as root and have no GPU.
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-dev-shm-usage'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}
